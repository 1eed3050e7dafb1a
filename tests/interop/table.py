"""The results as tables: for signatures, libraries down and algorithms across; for encryption, the other way round.
Then single steps, then what failed.
"""

UNSUPPORTED = "-"


def cell(results):
    if any(result["outcome"] == "unsupported" for result in results):
        return UNSUPPORTED
    passed = sum(result["outcome"] == "pass" for result in results)
    return "ok" if results and passed == len(results) else f"{passed}/{len(results)}"


def print_matrix(results, algs):
    by_library = {}
    for result in results:
        if result["alg"] != "-":
            by_library.setdefault(result["library"], {}).setdefault(result["alg"], []).append(result)
    width = max(map(len, by_library), default=0)
    print(" " * width, *(alg.rjust(7) for alg in algs))
    for library, per_alg in by_library.items():
        print(library.ljust(width), *(cell(per_alg.get(alg, [])).rjust(7) for alg in algs))
    print("ok: the token verified and every forgery of it was refused. -: not supported by the library.")


def print_encryption_matrix(opened, made, cases):
    """A row is an algorithm, and a curve where there are several, with every content encryption."""
    libraries = sorted({result["library"] for result in opened if result["alg"] != "-"})
    rows = list(dict.fromkeys(case["row"] for case in cases))
    row_of = {case["alg"]: case["row"] for case in cases}
    cells = {}
    for direction, results in (("opens", opened), ("makes", made)):
        for result in results:
            cells.setdefault((row_of.get(result["alg"]), result["library"], direction), []).append(result)
    width = max(map(len, rows))
    columns = [(library, direction) for library in libraries for direction in ("opens", "makes")]
    print("\n" + " " * width, *(library.rjust(17) for library in libraries))
    print(" " * width, *(direction.rjust(8) for _, direction in columns))
    for row in rows:
        print(row.ljust(width), *(cell(cells.get((row, *column), [])).rjust(8) for column in columns))
    print("opens: ours of every enc, and no forgery. makes: what we open, of every enc. -: not supported by it.")


def print_steps(results):
    print()
    for result in results:
        if result["alg"] == "-":
            print(f"{result['outcome']:5} {result['library']}: {result['check']}")


def print_outcome(results):
    """Returns the exit code."""
    failures = [result for result in results if result["outcome"] == "fail"]
    for result in failures:
        print(f"FAIL  {result['library']}, {result['alg']}, {result['check']}: {result['detail']}")
    passed = sum(result["outcome"] == "pass" for result in results)
    print(f"\n{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0
