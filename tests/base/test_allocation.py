"""Memory that is freed goes back to the system."""

import platform
import subprocess
import sys

import pytest

# What is kept lies above and between what is freed, so that the allocator cannot give it back unasked.
FREES = """
import re
from groundup.base.allocation import give_back_freed, share_one_arena
def read(): return int(re.search(r"^Rss:\\s+(\\d+)", open("/proc/self/smaps_rollup").read(), re.M)[1]) // 1024
share_one_arena()
blocks = [bytearray(20_000) for _ in range(4000)]
kept = blocks[::100] + [bytearray(20_000)]
del blocks
before = read()
give_back_freed()
print(before - read())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps and gives back like this")
def test_freed_memory_goes_back_to_the_system():
    told = subprocess.run([sys.executable, "-c", FREES], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 50
