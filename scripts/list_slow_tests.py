"""List the tests that a quick run leaves out, from the times of a whole one and of quick ones after it.

    python -m pytest -n 3 -m "" --junitxml=junit.xml && python scripts/list_slow_tests.py junit.xml
    python -m pytest -n 3 --junitxml=quick.xml && python scripts/list_slow_tests.py --add quick.xml

The first line lists in `tests/slow.txt`, which `tests/conftest.py` reads, every test function whose cases take a tenth
of a second in the mean. The whole run must have had a browser: a test that was skipped took no time. What several tests
share, as a trained model, is paid for by the first of them, in a quick run by a test that the whole run found quick. So
the second line adds the test functions that were slow there. Repeat it while that shortens quick runs.
"""

import argparse
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests" / "slow.txt"
SECONDS = 0.1


def read_times(report: Path) -> dict[str, list[float]]:
    """Return the seconds of the cases of each test function, named as pytest names it."""
    times: dict[str, list[float]] = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        module, name = case.get("classname", ""), case.get("name", "").split("[")[0]
        inner: list[str] = []
        while module and not (ROOT / f"{module.replace('.', '/')}.py").exists():
            module, _, last = module.rpartition(".")
            inner.insert(0, last)
        if module.startswith("tests."):
            times["::".join([f"{module.replace('.', '/')}.py", *inner, name])].append(float(case.get("time", 0)))
    return times


def list_slow(report: Path) -> set[str]:
    """Return the test functions that are slow in the mean of their cases."""
    return {name for name, taken in read_times(report).items() if sum(taken) / len(taken) >= SECONDS}


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="what `pytest --junitxml` wrote")
    parser.add_argument("--add", action="store_true", help="the report of a quick run, whose slow tests are added")
    options = parser.parse_args()
    before = set(LIST.read_text(encoding="utf-8").split()) if options.add else set()
    found = list_slow(options.report)
    LIST.write_text("".join(f"{name}\n" for name in sorted(before | found)), encoding="utf-8")
    print(f"{len(before | found)} test functions are slow, {len(found - before)} of them new.")


if __name__ == "__main__":
    main()
