"""List the tests that a quick run leaves out, from the times of a whole one.

    python -m pytest -n 3 -m "" --junitxml=junit.xml && python scripts/list_slow_tests.py junit.xml

Every test function whose cases take a tenth of a second in the mean is listed in `tests/slow.txt`, which
`tests/conftest.py` reads. The whole run must have had a browser: a test that was skipped took no time.
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests" / "slow.txt"
SECONDS = 0.1


def list_slow(report: Path) -> list[str]:
    """Return the slow test functions of a report, as pytest names them, in the order of the alphabet."""
    times: dict[str, list[float]] = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        module, name = case.get("classname", ""), case.get("name", "").split("[")[0]
        inner: list[str] = []
        while module and not (ROOT / f"{module.replace('.', '/')}.py").exists():
            module, _, last = module.rpartition(".")
            inner.insert(0, last)
        if module.startswith("tests."):
            times["::".join([f"{module.replace('.', '/')}.py", *inner, name])].append(float(case.get("time", 0)))
    return sorted(name for name, taken in times.items() if sum(taken) / len(taken) >= SECONDS)


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in list_slow(Path(sys.argv[1]))), encoding="utf-8")
