"""Where a gpt is trained: on which device, whole or spread over the processes, compiled or as it is."""

from __future__ import annotations

import torch
from torch import nn

from groundup.base.errors import UserError
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.hyperparameters import count_numbers
from groundup.training.device import memory_of
from groundup.training.distributed import ProcessGroup, current_process_group
from groundup.training.precision import Precision
from groundup.training.sharding import gather_onto, is_sharded, needs_sharding, shard_model


class Place:
    """Takes a model to the device or, where it is too large for one, spreads it over the team.

    Parameters
    ----------
    sharded : {"auto", "yes", "no"}
        See `groundup.training.sharding.needs_sharding`.
    compiled : {"no", "yes"}
        Whether ``torch.compile`` joins operations.
    model : GPTSettings
        What is to be trained.
    device, team, precision
        Where, by whom and in which numbers.

    Raises
    ------
    UserError
        The plain preset cannot be spread.
    """

    def __init__(
        self,
        sharded: str,
        compiled: str,
        model: GPTSettings,
        device: torch.device,
        team: ProcessGroup,
        precision: Precision,
    ) -> None:
        self.device, self.team, self.precision, self.compile = device, team, precision, compiled == "yes"
        self.sharded = False
        if team.size > 1:  # alone there is nothing to decide, and the meta device loads PyTorch's compiler: a second
            with torch.device("meta"):
                weights = GPT(model).count_weights()
            self.sharded = bool(team.broadcast(needs_sharding(sharded, weights, device, team)))
        if self.sharded and model.preset == "plain":
            raise UserError("--set sharded=yes: the plain preset is trained whole. Leave it out, or choose modern.")

    def __call__(self, model: nn.Module) -> None:
        """Take it there, in place."""
        if self.sharded:
            shard_model(model, model.blocks, self.device, self.team, self.precision)  # type: ignore[arg-type]
        else:
            model.to(self.device)
        if self.compile:
            model.compile()

    def describe(self) -> str:
        """Tell where training goes on, if not simply here."""
        words = "" if self.device.type == "cpu" else f" on {self.device.type}"
        if self.team.size > 1:
            words += f" by {self.team.size} processes" + (", the weights spread over them" if self.sharded else "")
        return words


def refuse_too_large(model: GPTSettings, device: torch.device, team: ProcessGroup, experts: int = 0) -> None:
    """Refuse a model whose weights and gradients alone fill the memory, before it is built.

    Raises
    ------
    UserError
        It is too large.
    """
    numbers, there = count_numbers(model, experts), memory_of(device, team) * team.size
    needed = 8 * numbers
    if needed > there:
        raise UserError(
            f"{numbers:,} weights are too many to train here: they and their gradients take "
            f"{needed / 1e9:,.0f} GB, and there are {there / 1e9:,.0f} GB of memory. "
            "Set fewer layers or a smaller width with --set."
        )


def gather_model(model: GPT) -> GPT | None:
    """Return a model that can write: a spread one gathered on the CPU, in the leader alone."""
    if not is_sharded(model):
        return model
    leads = current_process_group().is_main
    with torch.device("cpu" if leads else "meta"):
        gathered = GPT(model.settings)
    gather_onto(gathered, model)
    return gathered if leads else None
