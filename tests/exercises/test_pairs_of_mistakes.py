"""Two known mistakes at once: always rejected, and nearly always named."""

import sys
import zlib
from pathlib import Path

from groundup.exercises.registry import LADDER

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from pairs import choose_pairs, judge_pairs


def test_pairs_are_rejected_and_four_in_five_named():
    # A quarter of the exercises; a new one changes neither these nor their pairs. `benchmarks/pairs.py` tries all.
    names = [name for name in LADDER if zlib.crc32(name.encode()) % 4 == 0]
    found = judge_pairs(choose_pairs(names, per_exercise=1))
    # What is left are pairs that cancel each other out, which a right answer may hold.
    assert len(found["accepted"]) <= found["judged"] // 20, found["accepted"]
    assert found["named"] >= 0.8 * (found["judged"] - len(found["accepted"]))
