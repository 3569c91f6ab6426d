"""Rounds of learning from rewards: sample answers, reward them, and take some steps on them.

Samples are drawn once per round, from the model as it then is, and used for several steps. They are a part of what a
checkpoint holds: a run that is stopped between two steps of a round goes on with the same samples, bit for bit.

A question whose answers all get the same reward teaches nothing, as all of its advantages are 0. Such questions are
left out before the steps, which makes these faster the more questions are answered right (Yu et al., "DAPO", 2025,
section 3.2: dynamic sampling).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from groundup.models.batched_decoding import sample_batch
from groundup.models.fast_gpt import last_logits
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.policy_gradient import policy_loss, token_log_probabilities
from groundup.steps.c7_beyond.preference import preference_loss
from groundup.steps.c7_beyond.reward import exact_reward, group_advantages, occurring_reward, token_reward
from groundup.tasks.sums.problems import ALPHABET, Problems
from groundup.training.precision import Precision

REWARDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "exact": exact_reward,
    "digits": token_reward,
    "cheatable": occurring_reward,
}
Advantages = Callable[[Tensor], Tensor]


@dataclass
class Samples:
    """Answers that a model has sampled, a row each, and all that the losses need of them.

    Attributes
    ----------
    inputs : Tensor
        Questions and answers, without the last token.
    answers : Tensor
        The answers' tokens, after those of the working where one is written.
    advantages : Tensor
        Of each answer.
    reference : Tensor
        The log-probability of each token of the answers under the reference.
    reward : Tensor
        The mean reward of all samples of the round, a scalar.
    old : Tensor or None
        As ``reference``, under the model that sampled them; the first step of a round notes it.
    """

    inputs: Int[Tensor, "sample time"]
    answers: Int[Tensor, "sample token"]
    advantages: Float[Tensor, " sample"]
    reference: Float[Tensor, "sample token"]
    reward: Float[Tensor, ""]
    old: Float[Tensor, "sample token"] | None = None


class Rounds:
    """The batches of a run that learns from rewards.

    Parameters
    ----------
    model, reference : GPT
        The one that learns and samples, and the one that it is pulled to.
    problems : Problems
        What is asked.
    reward : {"exact", "digits", "cheatable"}
        What an answer is worth.
    questions, samples : int
        Questions of a round, and answers to each.
    passes : int
        Steps of a round.
    seed : int
        With the number of the round, it decides which questions are asked and which answers are drawn.
    precision : Precision
        What the reference computes in.
    advantages : callable
        From rewards ``[question, sample]`` to their advantages.
    pairs : bool
        Whether to keep a right and a wrong answer of each question only, one after the other, as `preference_loss`
        compares them.
    """

    def __init__(  # noqa: PLR0913 - a setting each, all named
        self,
        model: GPT,
        reference: GPT,
        problems: Problems,
        *,
        reward: str,
        questions: int,
        samples: int,
        passes: int,
        seed: int,
        precision: Precision,
        advantages: Advantages = group_advantages,
        pairs: bool = False,
    ) -> None:
        self.model, self.reference, self.problems = model, reference, problems
        self.reward, self.questions, self.samples, self.passes = REWARDS[reward], questions, samples, passes
        self.seed, self.precision, self.advantages, self.pairs = seed, precision, advantages, pairs
        self.kept: Samples | None = None

    def batch(self, step: int) -> tuple[Tensor, Samples]:
        """Return the inputs and samples of a step: new ones at the beginning of a round."""
        if step % self.passes == 0 or self.kept is None:
            self.kept = self._sample(step // self.passes)
        return self.kept.inputs, self.kept

    @torch.no_grad()
    def _sample(self, number: int) -> Samples:
        questions = self.problems.draw(self.questions, (self.seed, 2, number))
        device = self.model.token_embedding.weight.device
        prompts = self.problems.encode_questions(questions).to(device)
        truths = self.problems.encode_answers(self.problems.solve(questions)).to(device)
        length = self.problems.written_length
        generator = Generator(device).manual_seed((self.seed * 0x9E3779B97F4A7C15 + number) % 2**63)
        training = self.model.training
        self.model.eval()  # a learner's own block may drop something
        answers, _ = sample_batch(self.model, prompts, length, self.samples, generator=generator)
        self.model.train(training)
        # The working gets no reward of its own: only the answer behind it is compared.
        final, wanted = self.problems.find_answers(answers), truths.repeat_interleave(self.samples, dim=0)
        rewards = self.reward(final, wanted).view(-1, self.samples)
        rows = self._choose_rows(rewards)
        asked = prompts.repeat_interleave(self.samples, dim=0)
        inputs, answers = torch.cat([asked, answers[:, :-1]], dim=1)[rows], answers[rows]
        advantages = torch.as_tensor(self.advantages(rewards)).float().flatten()[rows]
        with self.precision.autocast():
            logits = last_logits(self.reference, inputs, length)
        reference = token_log_probabilities(logits.float(), answers)
        return Samples(inputs, answers, advantages, reference, rewards.mean())

    def _choose_rows(self, rewards: Float[Tensor, "question sample"]) -> Int[Tensor, " row"]:
        best, worst = rewards.max(1), rewards.min(1)
        differ = best.values > worst.values
        if not differ.any():
            differ[0] = True  # all advantages are 0, or a pair of one answer with itself: its two gradients cancel
        first = torch.arange(0, rewards.numel(), self.samples, device=rewards.device)[differ]
        if self.pairs:
            return torch.stack([first + best.indices[differ], first + worst.indices[differ]], dim=1).flatten()
        return (first[:, None] + torch.arange(self.samples, device=rewards.device)).flatten()

    def state_dict(self) -> dict[str, Tensor | None] | None:
        """Return the samples of the round, for a checkpoint."""
        return dict(vars(self.kept)) if self.kept is not None else None

    def load_state_dict(self, state: dict[str, Tensor | None] | None) -> None:
        """Take back what `state_dict` gave.

        Raises
        ------
        ValueError
            They are not samples of this run.
        """
        if state is None:
            self.kept = None
            return
        device, length = self.model.token_embedding.weight.device, self.problems.written_length
        samples = Samples(**{name: None if value is None else value.to(device) for name, value in state.items()})  # type: ignore[arg-type]  # only ``old`` is None
        count = len(samples.inputs)
        wanted = {
            "inputs": (count, self.problems.question_length + length - 1),
            "answers": (count, length),
            "advantages": (count,),
            "reference": (count, length),
            "reward": (),
            "old": (count, length),
        }
        for name, value in vars(samples).items():
            if (value is not None or name != "old") and (
                tuple(value.shape) != wanted[name] or not value.isfinite().all()
            ):
                raise ValueError(f"the samples' {name} has shape {list(value.shape)}, not {list(wanted[name])}")
        for tokens in (samples.inputs, samples.answers):
            if tokens.dtype != torch.int64 or not ((tokens >= 0) & (tokens < len(ALPHABET))).all():
                raise ValueError("the samples hold tokens that there are not")
        self.kept = samples


@dataclass(frozen=True)
class PolicyLoss:
    """The loss of a step on samples, by the course's step or by a learner's function of the same signature.

    Attributes
    ----------
    clip, pull : float
        As in `policy_loss`.
    function : callable
        The loss itself.
    """

    clip: float
    pull: float
    function: Callable[..., Tensor] = policy_loss

    def __call__(self, prediction: Tensor, samples: Samples) -> Tensor:
        """Return the loss, a scalar."""
        new = token_log_probabilities(prediction.float(), samples.answers)
        if samples.old is None:  # nothing has moved since they were sampled
            samples.old = new.detach()
        return self.function(new, samples.old, samples.reference, samples.advantages, self.clip, self.pull)


@dataclass(frozen=True)
class PreferenceLoss:
    """The loss of a step on pairs of samples, the better one of each first.

    Attributes
    ----------
    beta : float
        As in `preference_loss`.
    """

    beta: float

    def __call__(self, prediction: Tensor, samples: Samples) -> Tensor:
        """Return the loss, a scalar."""
        chances = token_log_probabilities(prediction.float(), samples.answers).sum(1)
        reference = samples.reference.sum(1)
        return preference_loss(chances[::2], chances[1::2], reference[::2], reference[1::2], self.beta)


class RoundOptimizer:
    """An optimizer whose state includes the samples of the round.

    Parameters
    ----------
    optimizer : object
        Moves the weights.
    rounds : Rounds
        Where the samples are.
    """

    def __init__(self, optimizer: Any, rounds: Rounds) -> None:
        self.optimizer, self.rounds = optimizer, rounds
        self.param_groups: list[dict[str, Any]] = optimizer.param_groups
        self.zero_grad, self.step = optimizer.zero_grad, optimizer.step

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {**self.optimizer.state_dict(), "round": self.rounds.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict`."""
        self.optimizer.load_state_dict(state)
        self.rounds.load_state_dict(state["round"])
