#!/usr/bin/env bash
# Every test that the documents name exists: a renamed test must not leave a claim behind that nothing proves.
# Usage: named_tests.sh DOCUMENTS TEST_PROGRAM...
# In the documents a name stands in backquotes as `Suite.Test`, and `*` stands for any text.
set -euo pipefail

documents=$1
shift

# "Prefix/Suite.Test/Parameter" is Suite.Test to a reader.
tests=$(
  for program in "$@"; do
    "$program" --gtest_list_tests
  done | sed 's/ *#.*//' | awk '
    /^[^ ]/ { suite = $1; sub(/\.$/, "", suite); count = split(suite, parts, "/"); short = parts[count]; next }
    { name = $1; split(name, parts, "/"); print short "." parts[1]; print suite "." name }' | sort -u
)

# shellcheck disable=SC2016  # these backquotes are Markdown's
readonly NAME='`[A-Z][A-Za-z0-9]*(/[A-Za-z0-9]+)?\.[A-Z*][A-Za-z0-9_*]*(/[^`]*)?`'

status=0
named=0
while IFS=: read -r file name; do
  named=$((named + 1))
  pattern=${name//./\\.}
  pattern=${pattern//\*/.*}
  if ! grep -qxE -- "$pattern" <<<"$tests"; then
    echo "$file names $name: there is no such test" >&2
    status=1
  fi
done < <(cd "$documents" && grep -HoE "$NAME" -- *.md | tr -d '`' | sort -u)

if ((named == 0)); then
  echo "no test is named in $documents" >&2
  exit 1
fi
echo "$named names of tests, all looked up"
exit $status
