"""The browser libraries that the lab carries are what the script builds from the npm registry."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORED = ROOT / "src" / "groundup" / "lab" / "static" / "vendor"


def test_the_files_are_those_of_the_list_and_their_licences_are_there():
    listed = dict(line.split("  ")[::-1] for line in (VENDORED / "SHA256SUMS").read_text().splitlines())
    found = {path.relative_to(VENDORED).as_posix() for path in VENDORED.rglob("*") if path.is_file()}
    assert found == {*listed, "SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest, name
    licences = (VENDORED / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("d3-scale", "katex", "@codemirror/view"):
        assert f"{package} " in licences


def test_the_script_builds_the_same_files(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    shutil.copytree(ROOT / "scripts" / "vendor", tmp_path / "vendor", ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=tmp_path / "vendor", capture_output=True, text=True, timeout=300)
    if done.returncode:
        assert "integrity" not in done.stderr.lower(), done.stderr
        pytest.skip("the npm registry cannot be reached")
    subprocess.run(["node", "build.mjs", str(tmp_path / "built")], cwd=tmp_path / "vendor", check=True, timeout=300)
    assert (tmp_path / "built" / "SHA256SUMS").read_text() == (VENDORED / "SHA256SUMS").read_text()
