"""The results as a table: libraries down, algorithms across, then single steps, then what failed."""

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


def print_steps(results):
    print()
    for result in results:
        if result["alg"] == "-":
            print(f"{result['outcome']:5} {result['library']}: {result['check']}")


def print_table(results, algs):
    """Returns the exit code."""
    print_matrix(results, algs)
    print_steps(results)
    failures = [result for result in results if result["outcome"] == "fail"]
    for result in failures:
        print(f"FAIL  {result['library']}, {result['alg']}, {result['check']}: {result['detail']}")
    passed = sum(result["outcome"] == "pass" for result in results)
    print(f"\n{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0
