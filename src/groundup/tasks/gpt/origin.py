"""The weights that a gpt run goes on from: those of another run, or of a checkpoint.

They are copied into the new run's folder when it is made. So the source is only read, and a run that is killed before
its first checkpoint begins again with the same weights, whatever became of the source.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.data.corpus.tokens import Tokenizer
from groundup.data.streams import is_stream
from groundup.parts.swap import LOSS_PARTS, read_kept_files
from groundup.runs.checkpoint import load_into, model_tensors
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run, show_path
from groundup.runs.reading import AGAIN
from groundup.runs.tensor_files import read_tensors
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.about import about
from groundup.tasks.gpt.corpus import KEPT_TEXT, TOKENIZER
from groundup.tasks.gpt.hyperparameters import LowRank
from groundup.tasks.gpt.mixture import refuse_experts
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.opening import open_run, read_run_settings
from groundup.tasks.protocol import Origin, Report
from groundup.tasks.registry import find_about
from groundup.training.record import has_stopped

START = "start.safetensors"
# A checkpoint may see more tokens at once than a laptop can train on; this many, where no context is set.
USUAL_CONTEXT = 1024


@dataclass(frozen=True)
class Start:
    """What a run goes on from.

    Attributes
    ----------
    source : str
        The run's or folder's path.
    settings : GPTSettings
        The sizes of its model.
    path : Path
        The copy of its weights in the run's own folder.
    """

    source: str
    settings: GPTSettings
    path: Path

    def choose_settings(self, context: int, dropout: float) -> GPTSettings:
        """Return the sizes of the model that goes on: those of the source, with a context of its own.

        Raises
        ------
        UserError
            The context is longer than the source's.
        """
        if context > self.settings.context:
            raise UserError(
                f"--set context={context}: {self.source} has seen {self.settings.context} tokens at once and knows no "
                f"later position. Choose at most {self.settings.context}."
            )
        return dataclasses.replace(self.settings, context=context, dropout=dropout)

    def load_into(self, model: GPT) -> None:
        """Copy the weights into a model of `choose_settings`, which may have more tokens.

        Raises
        ------
        UserError
            The copy is damaged.
        """
        tensors = read_tensors(self.path, finite=True)[0]
        for name in ("token_embedding.weight", "output.weight", "output.bias"):
            if name in tensors:
                tensors[name] = enlarge_rows(tensors[name], model.settings.vocabulary)
        if "position_embedding.weight" in tensors:
            tensors["position_embedding.weight"] = tensors["position_embedding.weight"][: model.settings.context]
        load_into(model, tensors, str(self.path))


def enlarge_rows(rows: Tensor, count: int) -> Tensor:
    """Return rows with more of them, each the mean of those there are: a token that is like any other at first."""
    if len(rows) >= count:
        return rows
    mean = rows.mean(0, keepdim=True)
    return torch.cat([rows, mean.expand(count - len(rows), *rows.shape[1:])])


def read_start(run: Run) -> Start | None:
    """Return what a run goes on from; ``None`` for a run that begins from nothing.

    Raises
    ------
    UserError
        What its ``config.json`` says of it is damaged.
    """
    origin = run.config.get("origin")
    if origin is None:
        return None
    try:
        about.model(origin["model"], "origin.model")
        return Start(origin["from"], GPTSettings.from_mapping(origin["model"]), run.path(START))
    except (ValueError, UserError) as error:
        raise UserError(f"{run.path(CONFIG)}: damaged ({error}). {AGAIN}") from error


def open_origin(root: Path, name: str) -> Origin:
    """Return what another run's weights are to a new run: its best weights and its tokenizer.

    Parameters
    ----------
    root : Path
        The folder of all runs.
    name : str
        The run's name, or the path of its folder.

    Raises
    ------
    UserError
        It is no run of a gpt that was trained, is quantised, or has experts.
    """
    run = open_run(root, name)
    if (source := run.quantised_from) is not None:
        raise UserError(
            f"--from {name}: its weights are quantised, and whole numbers cannot be trained. Name {source}."
        )
    refuse_experts(run, "and no run goes on from one. Name a run without --set experts.")
    model, tokenizer, _ = open_gpt(run)
    data = run.config.get("data")
    if data is not None and is_stream(data):
        data = str(run.path(KEPT_TEXT).resolve())
    source, task = show_path(run.folder.absolute()), find_about(run.config["task"])
    origin = make_origin(source, model.settings, model_tensors(model), tokenizer, run.config["task"], data)
    passed_on = {name: getattr(read_run_settings(run), name) for name in task.passed_on}
    files = read_kept_files(run, run.config.get("parts", {}), task.known_parts)
    inside = tuple(file for file in files if file.part not in LOSS_PARTS)
    return dataclasses.replace(origin, fixed={**origin.fixed, **passed_on}, parts=inside)


def make_origin(
    source: str,
    settings: GPTSettings,
    tensors: Mapping[str, Tensor],
    tokenizer: Tokenizer,
    task: str = "",
    data: str | None = None,
) -> Origin:
    """Return what a model and its tokenizer are to a new run.

    Parameters
    ----------
    source : str
        Where they lie.
    settings, tensors
        The model's sizes and weights; tied weights once.
    tokenizer : Tokenizer
        What turns text into its tokens.
    task, data : str, optional
        The task and the data that it was trained with; the default data of a new run of that task.
    """
    content = tokenizer.to_json()

    def fill(run: Run) -> None:
        write_atomically(run.path(TOKENIZER), content)
        run.save_tensors(START, tensors, {"format": "pt"})

    fixed: dict[str, Any] = {
        "preset": settings.preset,
        "layers": settings.layers,
        "heads": settings.heads,
        "width": settings.width,
        "tokenizer": "characters" if tokenizer.characters is not None else "bytepair",
    }
    if tokenizer.characters is None:
        fixed["vocabulary_size"] = tokenizer.size
    return Origin(
        source=source,
        fixed=fixed,
        defaults={"context": min(settings.context, USUAL_CONTEXT)},
        config={"origin": {"from": source, "model": dataclasses.asdict(settings)}},
        task=task,
        data=data,
        fill=fill,
    )


def choose_low_rank(rank: int | None, alpha: float | None, start: Start | None) -> LowRank | None:
    """Return what LoRA trains; ``None`` where all weights are trained.

    Raises
    ------
    UserError
        There are no weights to change, or the rank is that of the whole matrices.
    """
    if rank is None:
        if alpha is not None:
            raise UserError("--set lora_alpha: it is LoRA's. Name a rank, too, such as --set lora=8.")
        return None
    if start is None:
        raise UserError("--set lora: it changes weights that have been trained. Name whose, with --from RUN.")
    smallest = min(start.settings.width, start.settings.key_value_heads * start.settings.head_width)
    if rank > smallest:
        raise UserError(
            f"--set lora={rank}: the smallest matrices of {start.source} have rank {smallest} themselves. "
            "Choose less, or leave it out to train all weights."
        )
    return LowRank(rank, 2.0 * rank if alpha is None else alpha)


def count_trained(model: GPT) -> int:
    """Return how many of a model's weights are trained."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def describe_start(report: Report, run: Run, trained: int) -> None:
    """Add to a report what the run went on from, and the validation loss before and after."""
    before, after = run.config["origin"]["validation_loss"], report.facts["best_validation_loss"]
    report.facts |= {"from": run.begun_from, "validation_loss_before": before, "trained_weights": trained}
    report.lines.append(f"It went on from {run.begun_from}: validation loss {before:.4f} before, {after:.4f} after.")
    if after >= before:
        report.lines.append(
            "It has not learned what helps on new text: train on more text, or with a lower learning rate."
        )


def describe_best(report: Report, learned: str) -> None:
    """Add to a report which weights are the best on new text, where they are not those of the last step.

    Parameters
    ----------
    report : Report
        Its facts have ``best_step``, ``best_validation_loss`` and ``validation_loss``, that of the last step.
    learned : str
        What it learned from, such as ``text``.
    """
    loss = report.facts["validation_loss"]
    if loss > report.facts["best_validation_loss"]:
        report.lines.append(
            f"These are the weights after step {report.facts['best_step']:.0f}, the best on new {learned}: "
            f"groundup uses them. Those of the last step are worse there ({loss:.4f}): it learned its {learned} by "
            "heart."
        )


def describe_stop(report: Report, history: Sequence[Mapping[str, float]], patience: int | None) -> None:
    """Add to a report whether the training ended early because the validation loss got no better."""
    stopped = patience is not None and has_stopped(history, "validation_loss", patience)
    report.facts["stopped_early"] = stopped
    if stopped:
        times = f"{patience} measurements in a row" if patience != 1 else "a measurement"
        report.lines.append(
            f"It ended early, after step {history[-1]['step']:.0f}: {times} brought no new best. The result is the "
            f"weights after step {report.facts['best_step']:.0f}."
        )
