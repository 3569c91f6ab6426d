"""The second part of ``groundup learn exam``: a small GPT of the learner's parts learns to add, with their losses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundup.cli.start_training import start_training

if TYPE_CHECKING:
    from groundup.exercises.workspace import Workspace
    from groundup.tasks.protocol import Report

# From examples alone it takes as many steps as the task has by default. Where rewards follow, it stops earlier: a
# model that is always right has nothing to learn from them (docs/sums.md says what was measured).
EXAMPLES = ()
FEW_EXAMPLES = ("steps=150",)
REWARDS = ("steps=200", "questions=64")
ASKED = 3


def take_second_part(workspace: Workspace, *, runs: str, run: str, resume: bool, as_json: bool) -> Report:
    """Train a GPT of the learner's parts on sums, with the accepted answers to the exercises on losses; score it.

    Parameters
    ----------
    workspace : Workspace
        The learner's answers; those that the first part needs are accepted.
    runs, run : str
        The folder of all runs, and the name of the exam's first run: those of this part are called after it.
    resume : bool
        Whether to go on with runs that were stopped.
    as_json : bool
        How a rejected part is told.

    Returns
    -------
    Report
        Its facts are under ``sums``: ``None`` where the loss on the answers is not accepted yet.
    """
    from groundup.exercises.registry import find_part
    from groundup.parts.swap import EXAM_EXAMPLES, EXAM_REWARDS, EXAM_SUMS
    from groundup.tasks.protocol import Report

    done = [part for part in (EXAM_EXAMPLES, *EXAM_REWARDS) if workspace.find_state(find_part(part)) == "done"]
    if EXAM_EXAMPLES not in done:
        name = find_part(EXAM_EXAMPLES)
        line = f"The second part, sums, needs your {name}: `groundup learn start {name}`. Then take the exam again."
        return Report(facts={"sums": None}, lines=[line])
    files = {part: f"{part}={workspace.path(find_part(part))}" for part in (*EXAM_SUMS, *done)}
    rewarded = [part for part in done if part in EXAM_REWARDS]
    common: dict[str, Any] = {"runs": runs, "resume": resume, "as_json": as_json}
    trained, report = start_training(
        "sums",
        run=f"{run}-sums",
        pairs=FEW_EXAMPLES if rewarded else EXAMPLES,
        parts=[files[part] for part in (*EXAM_SUMS, EXAM_EXAMPLES)],
        **common,
    )
    from_examples = report.facts["accuracy"]
    lines = [
        f"The second part: sums. Yours in it: {', '.join(files)}. Ours: the order of the layers, the positions and the "
        "last norm, the questions, and the rewards.",
        f"From examples, with your {EXAM_EXAMPLES}, it answers {from_examples:.1%} of "
        f"{report.facts['test_questions']:,} new questions exactly.",
    ]
    if rewarded:
        begun = (Path(runs) / f"{run}-rewards").is_dir() and resume
        trained, report = start_training(
            "reward",
            run=f"{run}-rewards",
            source=None if begun else trained.name,
            pairs=REWARDS,
            parts=[files[part] for part in rewarded],
            **common,
        )
        lines.append(
            f"From rewards alone, with your {' and '.join(rewarded)}, it goes on to {report.facts['accuracy']:.1%}. "
            f"{_compare(from_examples, report.facts['accuracy'])}"
        )
    else:
        names = " and ".join(map(find_part, EXAM_REWARDS))
        lines.append(f"With your {names} it could go on from rewards alone.")
    answers = _ask(trained)
    lines += ["", *answers.lines]
    sums = {
        "parts": list(files),
        "run": trained.name,
        "accuracy_from_examples": from_examples,
        "accuracy": report.facts["accuracy"],
        "test_questions": report.facts["test_questions"],
        "answers": answers.facts["predictions"],
    }
    return Report(facts={"sums": sums}, lines=lines)


def _compare(before: float, after: float) -> str:
    if after > before:
        return "Nobody showed it an answer to get there."
    return "The rewards did not help this time." if after < before else "The rewards changed nothing."


def _ask(trained: Any) -> Report:
    """Return the model's answers to a few questions that no run trains on."""
    from groundup.tasks.registry import find_task
    from groundup.tasks.sums.model import read_problems

    problems = read_problems(trained)
    questions = problems.draw_test(ASKED, seed=1)
    texts = [f"{left}{problems.sign}{right}" for left, right in zip(questions.left, questions.right, strict=True)]
    task = find_task(trained.config["task"])
    report: Report = task.predict(trained, texts).report()
    return report
