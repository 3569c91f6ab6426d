"""What a gpt run with ``--minutes`` times on this machine before it begins: steps of each size, and an evaluation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.budget import (
    EVALUATION_SHARE,
    LEAST_MEASURED,
    ONE_EVALUATION_SHARE,
    Size,
    fit_measured,
    fit_size,
)
from groundup.tasks.gpt.corpus import Corpus, measure_loss
from groundup.tasks.gpt.hyperparameters import count_numbers
from groundup.tasks.protocol import TrainRequest
from groundup.tasks.time_budget import count_left, time_evaluation, time_step_within
from groundup.training.distributed import current_process_group
from groundup.training.plan import Plan

# In the larger batches of a whole text a token takes longer than in the part that is timed, which fits the caches.
WHOLE_TEXT = 1.15


def time_sizes(
    request: TrainRequest,
    sizes: Sequence[Size],
    make_trial: Callable[[Size], Plan],
    make_settings: Callable[[Size], GPTSettings],
) -> tuple[Size, float | None]:
    """Return the largest size that learns enough in the budget, and what a step of it takes, if that was timed.

    All processes of a team have to call it; the leader's clock decides.

    Parameters
    ----------
    request : TrainRequest
        Says the budget, and when it began.
    sizes : sequence of Size
        To choose from, the largest first.
    make_trial : callable
        Returns a plan to time steps with.
    make_settings : callable
        Returns a size's whole settings.
    """
    minutes, team = request.minutes, current_process_group()
    assert minutes is not None
    return fit_size(
        sizes,
        (1 - EVALUATION_SHARE - ONE_EVALUATION_SHARE) * team.broadcast(count_left(request)),
        lambda size: team.broadcast(time_step_within(make_trial(size), minutes)),
        lambda size: count_numbers(make_settings(size)) * size.context * size.batch_size,
    )


def count_measured(run: Run, asked: int) -> int:
    """Return how many tokens a measurement in training asks for, at most: as planned, or as the settings ask."""
    return min(asked, run.config.get("measured_tokens", asked))


def time_part(plan: Plan, corpus: Corpus, asked: int, run: Run, minutes: float) -> float:
    """Return what an evaluation takes, by a part of it, and write down how much of the text it measures.

    Parameters
    ----------
    plan : Plan
        Whose model is measured.
    corpus : Corpus
        Has the validation text.
    asked : int
        How many tokens the settings ask for, at most.
    run : Run
        Its ``config.json`` gets ``measured_tokens``, where these are fewer than asked for.
    minutes : float
        The budget.
    """
    model = plan.model
    assert isinstance(model, GPT)
    asked = min(asked, len(corpus.validation) - 1)
    part = min(asked, LEAST_MEASURED)

    def evaluate() -> dict[str, float]:
        return {"validation_loss": measure_loss(model, corpus.validation, plan.team, most_tokens=part)}

    token_seconds = plan.team.broadcast(time_evaluation(dataclasses.replace(plan, evaluate=evaluate)) / part)
    measured = fit_measured(60 * minutes, token_seconds, asked)
    if measured < asked:
        run.update_config(measured_tokens=measured)
    return WHOLE_TEXT * measured * token_seconds
