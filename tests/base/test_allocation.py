"""Memory that is freed goes back to the system."""

import platform
import subprocess
import sys

import pytest

# What is kept lies above and between what is freed, so that the allocator cannot give it back unasked.
FREES = """
import re
from groundup.base.allocation import give_back_freed, keep_little_memory
def read(): return int(re.search(r"^Rss:\\s+(\\d+)", open("/proc/self/smaps_rollup").read(), re.M)[1]) // 1024
keep_little_memory()
blocks = [bytearray(20_000) for _ in range(4000)]
kept = blocks[::100] + [bytearray(20_000)]
del blocks
before = read()
give_back_freed()
print(before - read())
"""
# After the first, glibc would keep all that is freed and no larger.
FREES_LARGE = """
import re
from groundup.base.allocation import keep_little_memory
def read(): return int(re.search(r"^Rss:\\s+(\\d+)", open("/proc/self/smaps_rollup").read(), re.M)[1]) // 1024
keep_little_memory()
block = bytearray(30_000_000)
del block
block = bytearray(b"1") * 20_000_000
before = read()
del block
print(before - read())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps and gives back like this")
@pytest.mark.parametrize(("code", "freed"), [(FREES, 50), (FREES_LARGE, 15)], ids=["asked", "large blocks, unasked"])
def test_freed_memory_goes_back_to_the_system(code, freed):
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(told.stdout) > freed
