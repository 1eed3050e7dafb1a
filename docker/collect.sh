#!/bin/sh
# Copies a program and what it needs at run time into a folder that becomes the root of an image.
#
#   collect.sh PROGRAM FOLDER SECONDS      SECONDS since 1970: the time that every file bears
set -eu
program=$1 root=$2 seconds=$3

install -D -m 755 "$program" "$root/usr/bin/mintmark"

# What the dynamic linker loads, it among them. A library that is not found would only be missed at the first start.
libraries=$(ldd "$program")
case $libraries in *'not found'*)
  echo "collect.sh: a library is missing: $libraries" >&2
  exit 1
  ;;
esac
echo "$libraries" | grep -o '/[^ ]*' | LC_ALL=C sort -u | while read -r library; do
  install -D -m 755 "$(readlink -f "$library")" "$root$library"
done

# Key sets of APIs are fetched over https. All of OpenSSL's algorithms here are in its default provider, which is part of
# libcrypto; without an openssl.cnf there is no other to load.
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

# glibc resolves names by itself (nss_files and nss_dns are part of libc), in the order that this file says.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'nonroot:x:65532:65532:nonroot:/nonexistent:/nonexistent' >"$root/etc/passwd"
echo 'nonroot:x:65532:' >"$root/etc/group"

# Any uid may own its own volume; a named volume takes owner and mode from here. SQLite keeps its temporary files in
# memory where there is no /tmp.
mkdir -p "$root/etc/mintmark" "$root/run/secrets" "$root/var/lib/mintmark"
chown 65532:0 "$root/var/lib/mintmark"
chmod 770 "$root/var/lib/mintmark"

# Licences of what is distributed with the program.
install -D -m 644 LICENSE "$root/usr/share/doc/mintmark/copyright"
echo "$libraries" | grep -o '/[^ ]*' | LC_ALL=C sort -u | while read -r library; do
  # The files of a package are known to dpkg by the path without or with /usr.
  package=$(dpkg-query -S "$(readlink -f "$library")" 2>/dev/null || dpkg-query -S "$library" 2>/dev/null ||
    dpkg-query -S "${library#/usr}" 2>/dev/null) || {
    echo "collect.sh: no package has $library" >&2
    exit 1
  }
  package=${package%%:*}
  copyright=/usr/share/doc/$package/copyright
  # Those of GCC have it from gcc-N-base by a link, which slim images leave out.
  [ -e "$copyright" ] || copyright=/usr/share/doc/$(dpkg-query -W -f '${source:Package}' "$package")-base/copyright
  install -D -m 644 "$copyright" "$root/usr/share/doc/$package/copyright"
done

find "$root" -exec touch -h -d "@$seconds" {} +
