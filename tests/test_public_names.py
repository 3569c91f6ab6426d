"""What ``import groundup`` promises is there, and nothing is imported before it is used."""

import subprocess
import sys

import pytest

import groundup


@pytest.mark.parametrize("name", groundup.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(groundup, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = groundup.nothing


def test_importing_the_package_imports_nothing_heavy():
    script = "import sys, groundup; print(sorted({'torch', 'numpy', 'sklearn'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
