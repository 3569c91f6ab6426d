"""What is built holds what is needed, and says of itself what is so."""

import email
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import groundup

ROOT = Path(groundup.__file__).parents[2]
if not (ROOT / "pyproject.toml").is_file():
    pytest.skip("installed without its repository", allow_module_level=True)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, UV = PYPROJECT["project"], PYPROJECT["tool"]["uv"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build a wheel and an sdist, as `python -m build` does."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def metadata(built):
    with zipfile.ZipFile(built[0]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(name))


def list_package():
    called = subprocess.run(["git", "ls-files", "src/groundup"], cwd=ROOT, capture_output=True, text=True)
    if called.returncode or not called.stdout:
        pytest.skip("no git repository here")
    return {name.removeprefix("src/") for name in called.stdout.splitlines()}


def test_the_wheel_holds_every_file_of_the_package(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = set(wheel.namelist())
    assert {"groundup/py.typed", "groundup/data/named/catalogue.toml"} <= names
    assert {name for name in list_package() if (ROOT / "src" / name).exists()} <= names


def test_the_sdist_can_be_built_and_tested(built):
    with tarfile.open(built[1]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "scripts/index_page.py", "tests/test_packaging.py"} <= names


def test_an_index_takes_both(built):
    pytest.importorskip("twine")
    done = subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *built], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_page_on_an_index_has_no_link_that_only_works_in_the_repository(metadata):
    page = metadata.get_payload()
    links = re.findall(r"\]\(([^)\s]+)\)", page)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert not re.search(r"<img|<a href", page)


def test_the_metadata_tells_pythons_systems_types_and_addresses(metadata):
    classifiers = metadata.get_all("Classifier")
    assert "Typing :: Typed" in classifiers
    versions = [line.split(" :: ")[-1] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert {line.split(",")[0] for line in metadata.get_all("Project-URL")} >= {"Source", "Issues", "Changelog"}
    assert metadata["Author"]


def test_torch_is_installed_without_cuda_unless_asked_for():
    torch = next(line for line in PROJECT["dependencies"] if line.startswith("torch"))
    start = (ROOT / "README.md").read_text("utf-8").partition("```sh\n")[2].partition("```")[0].splitlines()
    index = next(line for line in start if "--index-url" in line)
    assert f'--no-deps --index-url https://download.pytorch.org/whl/cpu "{torch}"' in index
    assert "&&" not in index, "where the index cannot be reached, the next line installs another build"
    assert UV["sources"]["torch"] == [{"index": UV["index"][0]["name"], "marker": "sys_platform == 'linux'"}]
    assert UV["index"][0]["explicit"], "no other package may come from there"
    assert UV["index"][0]["url"] in index


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == groundup.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Source"]
    assert citation["authors"] == [{"name": author["name"]} for author in PROJECT["authors"]]


def test_the_changelog_has_a_section_of_this_version():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert any(heading.split(",")[0] == groundup.__version__ for heading in headings)
