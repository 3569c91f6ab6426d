"""The pages agree with the code, with each other, and with their own forms."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import groundup
from groundup import course

PACKAGE = Path(groundup.__file__).parent
ROOT = PACKAGE.parents[1]
if not (ROOT / "docs").is_dir():
    pytest.skip("installed without its repository", allow_module_level=True)
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "benchmarks" / "README.md"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
sys.path.insert(0, str(ROOT / "scripts"))
import list_slow_tests  # noqa: E402 - from where the path leads

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def list_links(page):
    """Return the links of a page that point into the repository, without code blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\((?!#|[a-z]+:)([^)\s#]+)", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page):
    assert [link for link in list_links(page) if not (page.parent / link).exists()] == []


def test_the_index_has_every_page_once_and_numbers_them():
    index = ROOT / "docs" / "README.md"
    links = [(index.parent / link).resolve() for link in list_links(index)]
    pages = {page for page in (ROOT / "docs").glob("*.md") if page != index}
    assert pages <= set(links)
    assert len(links) == len(set(links))
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", index.read_text("utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_picture_of_the_rooms_is_that_of_the_imports():
    command = [sys.executable, "scripts/architecture.py", "--check"]
    called = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert called.returncode == 0, called.stdout + called.stderr


def test_every_room_is_described():
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    rooms -= {"__init__", "__main__"}
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert {room for room in rooms if f"`{room}/`" not in page and f"[{room}.py]" not in page} == set()


def list_dimensions():
    """Return the names of dimensions in the steps' signatures, and the short names of arguments."""
    names = set()
    for path in (PACKAGE / "steps").rglob("*.py"):
        source = path.read_text("utf-8")
        for shape in re.findall(r"\b[A-Z]\w+\[[\w.| ]+,\s*\"([^\"]*)\"\]", source):
            names |= {word.strip("*{}#") for word in shape.split()}
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.arguments):
                short = [argument.arg for argument in node.args + node.kwonlyargs]
                names |= {name for name in short if len(name) == 1 or re.fullmatch(r"[A-Za-z]\d", name)}
    return names


def test_the_glossary_has_every_symbol_of_the_steps_signatures():
    table = GLOSSARY.partition("## Symbols")[2].partition("## Words")[0]
    known = set()
    for line in table.splitlines():
        if line.startswith("| "):
            known |= {word.strip(" `") for word in line.split("|")[1].split(",")}
    assert {"B", "T", "C", "H", "N", "V", "d"} <= known
    assert sorted(list_dimensions() - known) == []


def test_the_glossary_is_in_order_and_says_each_thing_once_in_one_sentence():
    entries = re.findall(r"^- \*\*(.+?)\*\*: (.+?) \[[^]]+\]\((.+)\)$", GLOSSARY, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^- ", GLOSSARY, re.MULTILINE)) > 50
    names = [name.lower() for name, _, _ in entries]
    assert names == sorted(set(names))
    for name, sentence, _ in entries:
        assert re.fullmatch(r"[^.]+(\.\d[^.]*)*\.", sentence), f"{name}: one sentence"


def test_the_glossary_leads_to_every_chapter():
    for chapter in course.CHAPTERS:
        assert f"/steps/{chapter.folder}/" in GLOSSARY


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_the_form_of_the_template(page):
    text = page.read_text("utf-8")
    title, _, dated = text.split("\n")[:3]
    assert re.fullmatch(rf"# {page.stem[:4]}: \S.*", title)
    assert re.fullmatch(
        r"Date: 20\d\d-\d\d-\d\d · Status: (proposed|accepted|rejected|superseded by \[?\d{4}.*)", dated
    )
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert f"- [{title[2:]}]({page.name})" in (page.parent / "README.md").read_text("utf-8")


def test_decisions_are_numbered_without_gaps():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_is_read_as_one(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["name"]
    assert workflow[True]  # YAML takes "on" for true
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        assert job["timeout-minutes"]
        assert all({"uses", "run"} & step.keys() for step in job["steps"])


def test_the_checks_run_on_every_system_and_python_that_the_package_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [line.rpartition(" :: ")[2] for line in project["classifiers"]]
    checks = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8"))
    matrix = checks["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == [word for word in named if re.fullmatch(r"3\.\d+", word)]
    systems = {*matrix["system"], checks["jobs"]["windows"]["runs-on"]}  # there, everything but the judge
    assert len(systems) == len([line for line in project["classifiers"] if "Operating System" in line])
    assert {"run": ".ci/run"} in checks["jobs"]["readme"]["steps"]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/glossary.md"])
def test_every_file_that_a_page_names_is_there(name):
    text = (ROOT / name).read_text("utf-8")
    told = set(re.findall(r"`((?:[a-z_.]+/)+[a-z_.]*)`", text))  # NAME and CHAPTER stand for something else
    assert name not in ("CONTRIBUTING.md", "docs/architecture.md") or len(told) > 10
    assert [path for path in sorted(told) if not any((root / path).exists() for root in (ROOT, PACKAGE))] == []


def test_every_test_that_is_listed_as_slow_is_there():
    lines = list_slow_tests.LIST.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in {line.split("::")[0] for line in lines}}
    assert [line for line in lines if f"def {line.split('::')[-1]}(" not in texts[line.split("::")[0]]] == []


def test_slow_are_the_tests_whose_cases_take_long_in_the_mean(tmp_path):
    cases = {"tests.test_docs": [("a[1]", 0.05), ("a[2]", 0.25), ("b", 0.05)], "tests.test_docs.TestKind": [("c", 2)]}
    cases |= {"src.groundup.base.percent": [("groundup.base.percent.d", 9)]}
    told = "".join(
        f'<testcase classname="{module}" name="{name}" time="{seconds}"/>'
        for module, found in cases.items()
        for name, seconds in found
    )
    (tmp_path / "junit.xml").write_text(f"<testsuites><testsuite>{told}</testsuite></testsuites>")
    slow = {"tests/test_docs.py::TestKind::c", "tests/test_docs.py::a"}
    assert list_slow_tests.list_slow(tmp_path / "junit.xml") == slow


def test_a_quick_run_adds_what_was_slow_since_it_came_first(tmp_path, monkeypatch):
    cases = [("first", 1.5), ("many[1]", 1.5), *[(f"many[{place}]", 0.0) for place in range(2, 30)], ("quick", 0.05)]
    told = "".join(f'<testcase classname="tests.test_docs" name="{name}" time="{time}"/>' for name, time in cases)
    (tmp_path / "quick.xml").write_text(f"<testsuites><testsuite>{told}</testsuite></testsuites>")
    (tmp_path / "slow.txt").write_text("tests/test_words.py::before\n")
    monkeypatch.setattr(list_slow_tests, "LIST", tmp_path / "slow.txt")
    monkeypatch.setattr(sys, "argv", ["list_slow_tests.py", "--add", str(tmp_path / "quick.xml")])
    list_slow_tests.main()
    assert (tmp_path / "slow.txt").read_text().split() == ["tests/test_docs.py::first", "tests/test_words.py::before"]
