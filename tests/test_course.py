"""The course is stated once: folders, imports, exercises, lessons and the README follow it."""

import ast
import re
from pathlib import Path

import pytest

import groundup
from groundup import course
from groundup.exercises.registry import list_names
from groundup.lessons.registry import LESSONS

PACKAGE = Path(groundup.__file__).parent
STEPS = PACKAGE / "steps"


def list_folders(place):
    return sorted(path.name for path in place.iterdir() if path.is_dir() and path.name[0] not in "._")


@pytest.mark.parametrize("chapter", course.CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_chapter_is_a_folder_of_its_steps(chapter):
    files = sorted(path.stem for path in (STEPS / chapter.folder).glob("*.py") if path.stem != "__init__")
    assert files == sorted(chapter.steps)
    told = (STEPS / chapter.folder / "__init__.py").read_text().lower()
    assert told.startswith(f'"""chapter {chapter.number}, {chapter.name.lower()}: {chapter.about.lower()}.')


def test_a_list_of_folders_shows_the_order_of_the_course():
    assert list_folders(STEPS) == [chapter.folder for chapter in course.CHAPTERS]
    assert [chapter.number for chapter in course.CHAPTERS] == list(range(1, len(course.CHAPTERS) + 1))


def test_a_step_builds_only_on_steps_before_it():
    modules = [course.find_step(step) for chapter in course.CHAPTERS for step in chapter.steps]
    for place, module in enumerate(modules):
        source = (PACKAGE.parent / (module.replace(".", "/") + ".py")).read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("groundup.steps."):
                assert node.module in modules[:place], f"{module} reads {node.module}, which comes later"


def test_every_exercise_and_lesson_has_its_place():
    folders = [
        name for name in list_folders(PACKAGE / "exercises") if (PACKAGE / "exercises" / name / "stub.py").is_file()
    ]
    assert sorted(name.replace("_", "-") for name in folders) == sorted(course.EXERCISES)
    assert len(set(course.EXERCISES)) == len(course.EXERCISES)
    assert list_names() == list(course.EXERCISES)
    assert [lesson.name for lesson in LESSONS] == list(course.LESSONS)
    assert {name for lesson in LESSONS for name in lesson.exercises} == set(course.EXERCISES)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("tensors", "digits-network"),
        ("training-loop", "logistic-regression"),
        ("descent-in-several-variables", "gradient-check"),
        ("two-layer-backward", "autograd-engine"),
        ("linear", "model-class"),
        ("model-class", "pytorch-training-loop"),
        ("pytorch-training-loop", "gradient-accumulation"),
        ("pytorch-training-loop", "early-stopping"),
        ("softmax", "cross-entropy"),
        ("cross-entropy", "digits-network"),
        ("layer-norm", "transformer-block"),
        ("rms-norm", "transformer-block"),
        ("rotary-positions", "modern-block"),
        ("gated-feed-forward", "modern-block"),
        ("attention-scores", "self-attention"),
        ("bigram-counts", "neural-bigram"),
        ("loss-from-logits", "neural-bigram"),
        ("neural-bigram", "perplexity"),
        ("text-data-set", "unknown-words"),
        ("one-hot", "embedding"),
        ("embedding", "cosine-neighbours"),
        ("masked-mean", "sentiment-model"),
        ("self-attention", "positional-encoding"),
        ("sampling", "nucleus-sampling"),
        ("vocabulary", "byte-pair"),
        ("data-set", "data-loader"),
        ("sampling", "gpt-talks"),
        ("neuron", "two-layer-backward"),
        ("network-forward", "two-layer-backward"),
        ("chat-template", "answer-loss"),
        ("answer-loss", "packing"),
    ],
)
def test_nothing_is_asked_before_it_is_taught(first, then):
    assert course.EXERCISES.index(first) < course.EXERCISES.index(then)


def test_a_statement_names_a_lesson_by_its_title():
    folder, titles = Path(groundup.__file__).parent / "exercises", {lesson.title for lesson in LESSONS}
    named = [
        name
        for path in folder.glob("*/statement.md")
        for name in re.findall(r'lesson "(.+?)"', path.read_text("utf-8"))
    ]
    assert named
    assert set(named) <= titles


def test_the_table_of_the_readme_is_that_of_the_course():
    readme = PACKAGE.parents[1] / "README.md"
    if not readme.is_file():
        pytest.skip("installed without its repository")
    assert course.write_table() in readme.read_text(), f"Put this into README.md:\n\n{course.write_table()}"
