"""The reward task: a run of sums samples answers, each gets a reward, and the better ones become likelier."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch
from rich.markup import escape

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.models.fast_gpt import last_logits
from groundup.parts.swap import Parts
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.policy_gradient import policy_loss
from groundup.steps.c7_beyond.reward import group_advantages
from groundup.tasks.gpt.origin import Start, read_start
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.reward.about import about
from groundup.tasks.reward.rounds import REWARDS, PolicyLoss, PreferenceLoss, RoundOptimizer, Rounds
from groundup.tasks.sums.model import QuestionSettings, describe_model, find_exact, prepare_model
from groundup.tasks.sums.problems import ALPHABET, Questions
from groundup.tasks.sums.task import (
    SumsTask,
    find_held_out,
    keep_model,
    refuse_data,
    show_progress,
    write_example,
)
from groundup.tasks.time_budget import count_steps, plan_time
from groundup.training.device import DEVICES, pick_device
from groundup.training.distributed import current_process_group
from groundup.training.loop import fit
from groundup.training.muon import Muon
from groundup.training.plan import Plan
from groundup.training.precision import CHOICES, pick_precision
from groundup.training.schedules import warmup_stable_decay
from groundup.training.settings import MOST, setting

EVALUATIONS = 10
# The shares of the run at its start and at its end in which the learning rate rises and falls. A first step of full
# size undoes what the run began with: AdamW moves each weight by the whole rate before it knows the gradients' sizes.
WARM_UP, FALL = 0.1, 0.5


@dataclass(frozen=True)
class RewardSettings(QuestionSettings):
    """What `groundup train reward --set KEY=VALUE` can set."""

    reward: str = setting(
        "exact",
        "what an answer is worth: 1 if exactly right; the share of right digits; or one that can be cheated",
        choices=tuple(REWARDS),
    )
    method: str = setting(
        "policy",
        "learn by the policy gradient (GRPO), or from pairs of answers (DPO)",
        choices=("policy", "preference"),
    )
    questions: int = setting(128, "questions of a round", low=1, high=1_000_000)
    samples: int = setting(8, "answers sampled to each question", low=1, high=10_000)
    passes: int = setting(1, "steps on the answers of a round", low=1, high=1_000)
    steps: int = setting(900, "training steps; --minutes plans them itself", low=1, high=MOST)
    learning_rate: float = setting(7e-4, "of AdamW, once it has warmed up", low=0, high=1e30)
    clip: float = setting(0.2, "how far a token's probability may move in a round, as a share of it", low=0, high=1e6)
    pull: float = setting(0.01, "weight of the pull to the weights at the start; 0 lets go", low=0, high=1e6)
    beta: float = setting(0.1, "with method=preference: how strongly the start holds", low=1e-9, high=1e6)
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    evaluate_every: int | None = setting(None, "steps between measurements on new questions", low=1, high=MOST)
    test_questions: int = setting(2_000, "most new questions a measurement asks", low=1, high=1_000_000)
    checkpoint_seconds: float = setting(15.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)


class RewardTask(SumsTask):
    """Goes on with a run of sums; what its runs are asked afterwards is as in `SumsTask`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = RewardSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``, or go on with it."""
        s: RewardSettings = request.settings
        refuse_data(request.data)
        parts = Parts.of(run, about.known_parts)
        found = parts.found if parts is not None else {}
        if s.method == "preference" and "policy-loss" in found:
            raise UserError("--with policy-loss: method=preference has a loss of its own. Leave one of them out.")
        start, problems = _read_start(run), s.problems
        keep_model(run, describe_model(start.settings))
        device = pick_device(s.device, current_process_group())
        precision = pick_precision(s.precision, device.type)
        torch.manual_seed(request.seed)
        model, reference = GPT(start.settings), GPT(start.settings)
        for one in (model, reference):
            if parts is not None:
                parts.put_into(one)
            start.load_into(one)
            prepare_model(one, device, precision).eval()
        reference.requires_grad_(False)
        test = problems.draw_test(s.test_questions, request.seed)

        def measure_accuracy() -> float:
            return float(find_exact(model, problems, test).float().mean())

        if "accuracy" not in run.config["origin"]:
            with precision.autocast():
                run.update_config(origin={**run.config["origin"], "accuracy": measure_accuracy()})
        before = run.config["origin"]["accuracy"]
        rounds = Rounds(
            model,
            reference,
            problems,
            reward=s.reward,
            questions=s.questions,
            samples=s.samples,
            passes=s.passes,
            seed=request.seed,
            precision=precision,
            advantages=found.get("advantage", group_advantages),
            pairs=s.method == "preference",
        )
        optimizer: Any = parts.make_optimizer(model, s.learning_rate) if parts is not None else None
        if optimizer is None:
            optimizer = Muon(  # no matrices: AdamW alone
                [], [{"params": list(model.parameters())}], other_learning_rate=s.learning_rate, betas=(0.9, 0.99)
            )
        plan = Plan(
            model,
            PreferenceLoss(s.beta)
            if rounds.pairs
            else PolicyLoss(s.clip, s.pull, found.get("policy-loss", policy_loss)),
            RoundOptimizer(optimizer, rounds),
            rounds.batch,
            s.steps,
            schedule=warmup_stable_decay(WARM_UP, FALL),
            precision=precision,
            measure=lambda _, samples: samples.reward,
            measure_name="reward",
            ask=lambda inputs: last_logits(model, inputs, problems.written_length),
            evaluate=lambda: {"accuracy": measure_accuracy()},
            after_evaluation=partial(show_progress, reporter, len(test)),
            checkpoint_seconds=s.checkpoint_seconds,
            device=device,
            description=about.name,
        )
        plan.budget = plan_time(request, run, lambda: plan)
        plan.steps = run.config.get("steps", plan.steps)
        plan.evaluate_every = s.evaluate_every or max(1, plan.steps // EVALUATIONS)
        reporter.say(
            f"It goes on from {start.source}, which answers {before:.2%} of {len(test):,} new questions exactly. "
            f"{s.questions} questions a round, {s.samples} answers to each, {count_steps(plan.steps)}. "
            "It sees rewards only."
        )
        figures, picture = fit(plan, run, reporter)[-1], self.draw(run, run.folder)[0]
        sampled = -(-plan.steps // s.passes) * s.questions * s.samples
        facts = {
            "from": start.source,
            "accuracy_before": before,
            "accuracy": figures["accuracy"],
            "test_questions": len(test),
            "reward": figures["reward"],
            "sampled_answers": sampled,
            "steps": plan.steps,
            "seconds": figures["seconds"],
            "weights": model.count_weights(),
            "curves": str(picture),
        }
        lines = [
            f"Exact answers to [bold]{figures['accuracy']:.2%}[/bold] of {len(test):,} questions that it never saw, "
            f"{before:.2%} before; {count_steps(plan.steps)}, {figures['seconds']:.1f} s of training.",
            f"It was shown no right answer, only the rewards of {sampled:,} answers of its own. Their mean is "
            f"{figures['reward']:.3f} at last.",
        ]
        if figures["reward"] > figures["accuracy"] + CHEATED:
            lines.append("The reward is higher than the share of exact answers: it has learned what is rewarded.")
        lines += [
            f"Curves in {escape(str(picture))}",
            f"Try it: groundup predict {run.name} {write_example(problems)}",
        ]
        return Report(facts=facts, lines=lines)

    def find_seen(self, run: Run, questions: Questions) -> list[bool | None]:
        """Return False for questions that are held out, else ``None``: what the other run learned from is not known."""
        return find_held_out(questions)

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw accuracy and reward."""
        from groundup.tasks.sums.plots import draw_curves

        return [draw_curves(run, folder / "curves.png", ("reward", "mean reward of sampled answers"))]


CHEATED = 0.2  # so much more reward than exact answers is worth a line


def _read_start(run: Run) -> Start:
    """Return the weights that a run goes on from.

    Raises
    ------
    UserError
        The run's ``config.json`` names none, or weights of other tokens than those of sums.
    """
    start = read_start(run)
    if start is None or start.settings.vocabulary != len(ALPHABET):
        raise UserError(f"{run.path(CONFIG)}: damaged (it names no run of sums that it goes on from). {AGAIN}")
    return start


task: Any = RewardTask()
