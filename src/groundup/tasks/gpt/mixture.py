"""A gpt whose feed-forwards are mixtures of experts: its settings, its loss, and how evenly the experts are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from groundup.base.errors import UserError
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.experts import MixtureOfExperts, add_experts
from groundup.tasks.protocol import Report

USUAL_USED = 2
PART = "experts"  # the learner's part that it can have


@dataclass(frozen=True)
class Experts:
    """How many experts a model has.

    Attributes
    ----------
    count : int
        E, in each block.
    used : int
        k of them for each token.
    """

    count: int
    used: int


def count_experts(experts: Experts | None) -> int:
    """Return how many experts a block has; 0 where it has one feed-forward."""
    return experts.count if experts is not None else 0


def put_experts(model: GPT, experts: Experts | None) -> None:
    """Give every block of a new model a mixture in the place of its feed-forward, if it is to have one."""
    if experts is not None:
        add_experts(model.blocks, experts.count, experts.used)


def choose_experts(
    count: int | None,
    used: int | None,
    preset: str,
    own: Sequence[str] = (),
    goes_on: bool = False,
    shared: bool = False,
    compiled: bool = False,
) -> Experts | None:
    """Return the experts that a new run is to have; ``None`` for a model without.

    Parameters
    ----------
    count, used : int, optional
        As set; two of them are used if that is left out, or all where there are fewer.
    preset : str
        The architecture.
    own : sequence of str
        The learner's parts in it.
    goes_on, shared, compiled : bool
        Whether it goes on from weights, is trained by several processes, and is compiled.

    Raises
    ------
    UserError
        There cannot be such a model.
    """
    if count is None:
        if used is not None:
            raise UserError("--set experts_per_token: it is a mixture's. Say of how many, too: --set experts=8.")
        if PART in own:
            raise UserError(f"--with {PART}: say how many experts a block is to have, such as --set experts=8.")
        return None
    if preset != "modern":
        raise UserError(f"--set experts: only the modern preset can have them. Leave out --set preset={preset}.")
    if others := [part for part in own if part != PART]:
        raise UserError(f"--with {others[0]}: in a model with experts only the {PART} can be exchanged. Leave it out.")
    if goes_on:
        raise UserError("--set experts: a model with experts begins from nothing. Leave out --from.")
    if shared:
        raise UserError("--set experts: a model with experts is trained in one process. Leave out --processes.")
    if compiled:
        raise UserError("--set compile: what a model with experts computes depends on the text. Leave it out.")
    used = min(USUAL_USED, count) if used is None else used
    if used > count:
        raise UserError(f"--set experts_per_token={used}: there are {count} experts. Choose at most {count}.")
    return Experts(count, used)


def read_experts(run: Run) -> Experts | None:
    """Return the experts of a run's model; ``None`` where it has none."""
    kept = run.config.get("experts")
    return Experts(**kept) if kept is not None else None


def keep_experts(run: Run, experts: Experts | None, begun: bool) -> None:
    """Write into a run's ``config.json`` which experts its model has.

    Raises
    ------
    UserError
        The run had begun with others.
    """
    if begun and read_experts(run) != experts:
        raise UserError(f"{run.path(CONFIG)}: damaged (its experts are not those its settings ask for). {AGAIN}")
    if experts is not None:
        run.update_config(experts=asdict(experts))


def refuse_experts(run: Run, what: str) -> None:
    """Refuse a run whose model has experts.

    Parameters
    ----------
    run : Run
        Which.
    what : str
        What cannot be done with it, and what to do instead: a sentence that goes on behind the run's folder.

    Raises
    ------
    UserError
        It has some.
    """
    if read_experts(run) is not None:
        raise UserError(f"{run.folder}: its model is a mixture of experts, {what}")


def list_mixtures(model: nn.Module) -> list[MixtureOfExperts]:
    """Return the mixtures of a model's blocks, in their order."""
    return [layer for layer in model.modules() if isinstance(layer, MixtureOfExperts)]


def mean_balance(model: nn.Module) -> Tensor:
    """Return the balance loss of a model's last call, averaged over its blocks."""
    found = [layer.balance for layer in list_mixtures(model) if layer.balance is not None]
    return torch.stack(found).mean()


def add_balance(
    loss: Callable[[Tensor, Tensor], Tensor], model: nn.Module, factor: float
) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a loss to which ``factor`` times the balance loss of the model's last call is added."""
    return lambda prediction, targets: loss(prediction, targets) + factor * mean_balance(model)


def measure_load(model: nn.Module, evaluate: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Return what is evaluated and each expert's share of the choices made for it, a mean over the blocks."""
    mixtures = list_mixtures(model)
    for layer in mixtures:
        layer.choices.zero_()
    figures = evaluate()
    load = torch.stack([layer.choices / layer.choices.sum() for layer in mixtures]).mean(0)
    return {**figures, **{f"load_{number}": share for number, share in enumerate(load.tolist(), start=1)}}


def describe_load(report: Report, line: dict[str, float], experts: Experts | None) -> None:
    """Add to a report how evenly the experts were used in the evaluation of a line of the log."""
    if experts is None:
        return
    load = [line[f"load_{number}"] for number in range(1, experts.count + 1)]
    report.facts |= {"experts": experts.count, "experts_per_token": experts.used, "load": load}
    report.lines.append(
        f"{experts.count} experts per block, {experts.used} for each token: the busiest got {max(load):.1%} of the "
        f"choices, the idlest {min(load):.1%}; used alike, each would get {1 / experts.count:.1%}."
    )
