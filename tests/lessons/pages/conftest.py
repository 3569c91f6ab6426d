"""Models for the views of lessons that nobody has trained."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from shared_folders import make_once

from groundup.data.corpus.tokens import train_tokenizer
from groundup.lessons.pages.answering.facts import BASE, Student, make_student
from groundup.lessons.pages.attention.sentences import write_sentences
from groundup.lessons.pages.attention.words import WORDS
from groundup.lessons.pages.inside.repeating import Repeating
from groundup.lessons.trained import SMALL_GPT, OpenedGPT, SmallModel, open_small_gpt
from groundup.lessons.watching import Watch
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings


@functools.cache
def make_untrained(preset: str = "modern", kind: str = "characters") -> OpenedGPT:
    """Return a small GPT with random weights that are large enough to make a difference; no test changes it."""
    tokenizer = train_tokenizer(kind, [write_sentences(2000)], 600)
    torch.manual_seed(0)
    model = GPT(GPTSettings(tokenizer.size, context=32, layers=2, heads=2, width=16, preset=preset)).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
        if parameter.ndim > 1:
            parameter.mul_(10 if preset != "plain" else 2)
    return OpenedGPT(model, tokenizer, "Nobody's.")


@pytest.fixture
def untrained() -> Callable[..., OpenedGPT]:
    """Make models with random weights."""
    return make_untrained


def train_once(tmp_path_factory: pytest.TempPathFactory, model: SmallModel) -> OpenedGPT:
    """Return a small model of the lessons, trained once for all tests."""
    with pytest.MonkeyPatch.context() as patch:

        def train(folder: Path) -> None:
            patch.setenv("GROUNDUP_CACHE", str(folder))
            model.train(Watch())

        folder = make_once(tmp_path_factory, f"lessons-{model.name}", train)
        patch.setenv("GROUNDUP_CACHE", str(folder))
        return open_small_gpt(model)


@pytest.fixture(scope="session")
def words_model(tmp_path_factory: pytest.TempPathFactory) -> OpenedGPT:
    """Return the GPT that the lesson on attention looks into."""
    return train_once(tmp_path_factory, WORDS)


@pytest.fixture(scope="session")
def small_gpt(tmp_path_factory: pytest.TempPathFactory) -> OpenedGPT:
    """Return the small GPT that the lessons open where the reader has no run."""
    return train_once(tmp_path_factory, SMALL_GPT)


@pytest.fixture(scope="module")
def repeating_losses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, float]]:
    """Let views find the model that continues what repeats, trained once; give its losses by step."""
    with pytest.MonkeyPatch.context() as patch:

        def train(folder: Path) -> None:
            patch.setenv("GROUNDUP_CACHE", str(folder))
            followed = Watch()
            Repeating().train(followed)
            (folder / "losses.json").write_text(json.dumps(followed.losses))

        folder = make_once(tmp_path_factory, "lessons-repeating", train)
        patch.setenv("GROUNDUP_CACHE", str(folder))
        yield dict(json.loads((folder / "losses.json").read_text()))


@pytest.fixture(scope="session")
def student(tmp_path_factory: pytest.TempPathFactory) -> Student:
    """Return the small GPT of the lessons on answering and on changes of low rank, trained once."""
    with pytest.MonkeyPatch.context() as patch:

        def train(folder: Path) -> None:
            patch.setenv("GROUNDUP_CACHE", str(folder))
            BASE.train(Watch())

        patch.setenv("GROUNDUP_CACHE", str(make_once(tmp_path_factory, "lessons-animals", train)))
        return make_student(open_small_gpt(BASE))
