"""The learner's own parts inside a real model.

A part is an answer that the judge accepted; a run keeps its file, so that the run can be gone on with and used
whatever becomes of the original. Functions (a linear layer, an activation, dropout, an embedding) take the place of
every layer of their kind. Classes (attention, several heads, a block) are built again for each of ours, and given our
weights by role, so that a right part begins where ours would have begun and learns what ours would have learned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.parts.layers import (
    PartActivation,
    PartBlock,
    PartDropout,
    PartEmbedding,
    PartLinear,
    PartMixture,
    PartOptimizer,
    build_attention,
    build_block,
    build_heads,
    build_modern_block,
    use_sampler,
)
from groundup.parts.source import describe_changes, load_part
from groundup.parts.trials import try_function, try_module
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c5_words.embedding import Embedding
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.positions import rotary_table
from groundup.steps.c6_gpt.transformer import Block
from groundup.steps.c7_beyond.experts import MixtureOfExperts
from groundup.training.loop import time_step
from groundup.training.plan import Plan

if TYPE_CHECKING:
    from groundup.judge.verdict import Verdict
    from groundup.tasks.protocol import About

FOLDER = "parts"


@dataclass(frozen=True)
class PartFile:
    """A learner's file that is used as a part.

    Attributes
    ----------
    part, exercise : str
        Which part, and the exercise that it answers.
    path : Path
        Where it was found.
    source : str
        Its content.
    """

    part: str
    exercise: str
    path: Path
    source: str

    @property
    def digest(self) -> str:
        """The content's checksum."""
        return hashlib.sha256(self.source.encode()).hexdigest()


class Parts:
    """The learner's parts of a run, ready for use.

    Parameters
    ----------
    files : sequence of PartFile
        Judged already.
    """

    def __init__(self, files: Sequence[PartFile]) -> None:
        from groundup.exercises.registry import load_exercise
        from groundup.judge.isolation.runner import Runner

        self.found: dict[str, Any] = {}
        self.names = [file.part for file in files]
        self.where = {file.part: f"{file.part}={file.path}" for file in files}
        for file in files:
            entries = load_exercise(file.exercise).entries
            entry = PART_ENTRIES.get(file.part, next(iter(entries)))
            with torch.random.fork_rng(devices=[]):
                runner = Runner(load_part(file.source))
                found = [runner.find(list(entries[name])) for name in ((entry,) if isinstance(entry, str) else entry)]
                self.found[file.part] = found[0] if isinstance(entry, str) else tuple(found)
                try_function(file.part, self.found[file.part], self.where[file.part])

    @classmethod
    def of(cls, run: Run, known: Sequence[str]) -> Parts | None:
        """Return the parts that a run keeps; None if all are ours.

        Parameters
        ----------
        run : Run
            Which.
        known : sequence of str
            The parts that its task has.

        Raises
        ------
        UserError
            A file is missing or changed.
        """
        kept = run.config.get("parts")
        return cls(read_kept_files(run, kept, known)) if kept else None

    def put_into(self, model: nn.Module) -> None:
        """Exchange the model's layers for the learner's, with the same weights.

        Parameters
        ----------
        model : nn.Module
            Changed in place.
        """
        for part, kinds, make in EXCHANGES:
            if part not in self.found:
                continue
            made = exchange(model, kinds, partial(make, self.found[part]))
            if made and part in MODULES:
                try_module(made[0], self.where[part], *_make_example(made[0]))
        if isinstance(model, GPT) and "sampler" in self.found:
            use_sampler(model, self.found["sampler"])

    def make_optimizer(self, model: nn.Module, learning_rate: float) -> PartOptimizer | None:
        """Return the learner's optimiser over a model's weights, None if it is ours."""
        step = self.found.get("optimiser")
        return PartOptimizer(step, model.parameters(), learning_rate) if step is not None else None


def _make_example(module: nn.Module) -> tuple[Any, ...]:
    """Return what a part that was put into a model is called with, of two texts of four tokens."""
    if isinstance(module, PartBlock):
        return torch.zeros(2, 4, module.width), rotary_table(4, module.head_width)
    width = next(layer.weight.shape[1] for layer in module.modules() if isinstance(layer, nn.Linear | Linear))
    return (torch.zeros(2, 4, width),)


# Which function of an exercise that asks for several is the part, or which ones together.
PART_ENTRIES: dict[str, str | tuple[str, ...]] = {
    "activation": "relu",
    "optimiser": "adam_step",
    "answer-loss": "answer_loss",
    "experts": ("choose_experts", "mix_experts", "balance_loss"),
}

# The larger ones first: what a learner's block holds is exchanged, too.
EXCHANGES: tuple[tuple[str, tuple[type, ...], Callable[[Any, Any], nn.Module]], ...] = (
    ("block", (PlainBlock,), build_block),
    ("block", (Block,), build_modern_block),
    ("experts", (MixtureOfExperts,), PartMixture),
    ("multi-head-attention", (MultiHeadAttention,), build_heads),
    ("attention", (MultiHeadAttention,), build_attention),
    ("linear", (nn.Linear, Linear), PartLinear),
    ("activation", (nn.ReLU,), PartActivation),
    ("dropout", (nn.Dropout, Dropout), PartDropout),
    ("embedding", (nn.Embedding, Embedding), PartEmbedding),
)

MODULES = ("block", "experts", "multi-head-attention", "attention")

# What is learned from: no part of a model, so that every preset takes it and no weights depend on it.
LOSS_PARTS = ("answer-loss", "advantage", "policy-loss")

# What the exam's GPT is made of: with these, nothing in it is ours but the order of the parts.
EXAM_PARTS = ("tokenizer", "embedding", "linear", "activation", "dropout", "block", "loss", "optimiser", "sampler")

# Those of which the GPT of its second part is made. Its 13 characters need no tokenizer, nothing in it is dropped, and
# the likeliest digit is taken instead of a drawn one.
EXAM_SUMS = ("embedding", "linear", "activation", "block", "optimiser")

# What its second part learns to answer with: examples need the first of them, rewards the others.
EXAM_EXAMPLES, EXAM_REWARDS = "answer-loss", ("advantage", "policy-loss")

# Parts that hold other parts: one of the two can stand in, not both.
HOLDS = (
    ("block", "multi-head-attention"),
    ("block", "attention"),
    ("block", "experts"),
    ("multi-head-attention", "attention"),
)


def compare_speed(own: Plan, ours: Plan) -> dict[str, float]:
    """Return how long a step takes with the learner's parts and with ours, in seconds, and how many times as long."""
    seconds, reference = time_step(own), time_step(ours)
    times = round(seconds / reference, 2)
    return {"step_seconds": round(seconds, 5), "reference_step_seconds": round(reference, 5), "times": times}


def exchange(model: nn.Module, kinds: tuple[type, ...], make: Callable[[Any], nn.Module]) -> list[nn.Module]:
    """Put ``make(layer)`` in the place of every layer of some kinds, however deep; return what was made."""
    places = [
        (parent, name)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, kinds) and not isinstance(parent, kinds)
    ]
    made = [make(getattr(parent, name)) for parent, name in places]
    for (parent, name), layer in zip(places, made, strict=True):
        setattr(parent, name, layer)
    return made


def read_part_files(pairs: Sequence[str], about: About) -> list[PartFile]:
    """Read what ``--with PART=FILE`` names.

    Raises
    ------
    UserError
        No such part, no such file, one that cannot be read as Python, or one part named twice.
    """
    from groundup.exercises.registry import find_part
    from groundup.exercises.sources import decode_source, read_bytes

    files: dict[str, PartFile] = {}
    for pair in pairs:
        part, sign, name = pair.partition("=")
        part = part.strip().replace("_", "-")
        if not sign:
            raise UserError(f"--with {pair}: write PART=FILE, such as block=answers/transformer_block.py.")
        if part not in about.parts:
            known = ", ".join(about.parts) or "none"
            raise UserError(f"--with {pair}: {about.name} has no part {part} to exchange. It has: {known}.")
        if part in files:
            raise UserError(f"--with {pair}: {part} is named twice. Leave one out.")
        path = Path(name)
        if not path.is_file():
            raise UserError(f"--with {pair}: there is no file {path}.")
        files[part] = PartFile(part, find_part(part), path, decode_source(read_bytes(path, name), name))
    for larger, smaller in HOLDS:
        if larger in files and smaller in files:
            raise UserError(f"--with {smaller}: your {larger} brings its own. Leave one of the two out.")
    return list(files.values())


def keep_files(run: Run, files: Sequence[PartFile]) -> None:
    """Copy the parts' files into the run folder, and note them in its configuration."""
    run.path(FOLDER).mkdir(exist_ok=True)
    for file in files:
        write_atomically(run.path(FOLDER) / f"{file.part}.py", file.source)
    run.update_config(
        parts={file.part: {"exercise": file.exercise, "from": str(file.path), "sha256": file.digest} for file in files}
    )


def read_kept_files(run: Run, kept: Mapping[str, Any], known: Sequence[str]) -> list[PartFile]:
    """Read the parts' files that a run keeps.

    Raises
    ------
    UserError
        One is missing, or not what was judged.
    """
    from groundup.exercises.registry import PRESET_PARTS, find_part

    files = []
    for part, about in kept.items():
        exercises = [find_part(part, preset) for preset in (None, *PRESET_PARTS)] if part in known else []
        if about.get("exercise") not in exercises:
            raise UserError(f"{run.path(CONFIG)}: damaged (it names a part that there is not). {AGAIN}")
        path = run.path(FOLDER) / f"{part}.py"
        try:
            file = PartFile(part, about["exercise"], path, path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}: the part cannot be read ({error}). Put it back, or train again.") from error
        if file.digest != about.get("sha256"):
            raise UserError(
                f"{path}: changed since it was judged. Put it back, or train again with --with {part}=FILE."
            )
        files.append(file)
    return files


class PartRejected(Exception):
    """The judge did not accept a part.

    Attributes
    ----------
    file : PartFile
        Which.
    verdict : Verdict
        What is wrong.
    """

    def __init__(self, file: PartFile, verdict: Verdict) -> None:
        super().__init__(verdict.headline)
        self.file, self.verdict = file, verdict


def judge_files(files: Sequence[PartFile]) -> list[str]:
    """Judge parts before they are used; return what is worth saying of those that are right.

    Raises
    ------
    PartRejected
        The first that is not right.
    """
    from groundup.exercises.registry import load_exercise
    from groundup.judge.warm_judge import WarmJudge

    with WarmJudge(load_exercise) as judge:
        for file in files:
            verdict = judge.judge(file.exercise, file.source, libraries=("numpy", "torch"))
            if not verdict.accepted:
                raise PartRejected(file, verdict)
    return [f"Your {file.part}: {text}." for file in files for text in describe_changes(file.source)]
