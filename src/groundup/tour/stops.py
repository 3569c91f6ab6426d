"""The tour's stops: what each one does, and what it says was learned."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.runs.folder import REPORT, Run
from groundup.tasks.launch import launch
from groundup.tasks.opening import open_run
from groundup.tasks.registry import find_task
from groundup.tasks.reports import finished_report

PICTURES = {
    "curves": "How the error fell while it trained.",
    "words": "The words that say most about the mood.",
    "contact-sheet": "The test pictures that the network found hardest.",
}
MOST_MINUTES = 10_000
# Below so many nats a character, on the built-in text; how often each character comes alone is worth 3.3.
MORE = "More minutes teach it more: groundup train gpt --minutes 5"
LEARNED = (
    (1.6, "It has learned spelling, words and turns of phrase, not what they mean."),
    (2.4, f"It has learned which letters go together, and short words. {MORE}"),
    (3.2, f"It has learned how often each character comes, and a little of what follows what. {MORE}"),
    (math.inf, f"That is next to nothing: the time was too short on this computer. {MORE}"),
)
PROMPT, LETTERS = "The ", 600
# What the other stops and the start of Python take, with room for a slower machine.
OTHER_SECONDS = 40.0


@dataclass(frozen=True)
class Stop:
    """A stop of the tour.

    Attributes
    ----------
    name : str
        Also names the run, ``tour-NAME``.
    title, idea : str
        What it is about, before anything runs.
    learned : callable
        From the figures to one honest sentence.
    command : str
        What goes on from here.
    task : str
        Which task it trains; empty for the descent.
    hardest : bool
        Whether the test data that it finds hardest is shown.
    writes : bool
        Whether what it writes is shown; it gets the time that is left.
    """

    name: str
    title: str
    idea: str
    learned: Callable[[dict[str, Any]], str]
    command: str
    task: str = ""
    hardest: bool = False
    writes: bool = False


@dataclass
class Visit:
    """What became of a stop.

    Attributes
    ----------
    stop : Stop
        Which.
    sentence : str
        What was learned.
    facts : dict
        The figures.
    pictures : list of (Path, str)
        With words for those who cannot see them.
    text : str
        What the model wrote, if it writes.
    """

    stop: Stop
    sentence: str
    facts: dict[str, Any]
    pictures: list[tuple[Path, str]] = field(default_factory=list)
    text: str = ""


def _format_descent(facts: dict[str, Any]) -> str:
    return (
        f"From x = {facts['start']:g} to x = {facts['end']:.6f} in {facts['steps']} steps, guided by nothing but the "
        "slope underfoot. Everything after this is trained that way, or by a refinement of it."
    )


def _format_heights(facts: dict[str, Any]) -> str:
    return (
        f"Adult heights of {facts['rows']['held_out']} people it never saw are guessed within "
        f"{facts['test_error']:.1f} cm (root mean square); guessing the average for everybody "
        f"is off by {facts['test_error_of_the_mean']:.1f} cm. "
        "The people are simulated from published growth statistics."
    )


def _format_digits(facts: dict[str, Any]) -> str:
    return (
        f"{facts['accuracy']:.1%} of {facts['test_pictures']} handwritten digits it never saw are read rightly, and "
        f"{facts['train_accuracy']:.1%} of those it learned from: "
        + (
            "a gap that grows with more training, while the first figure stands still, is over-fitting."
            if facts["train_accuracy"] > facts["accuracy"]
            else "no gap, so no sign of over-fitting."
        )
    )


def _format_sentiment(facts: dict[str, Any]) -> str:
    return (
        f"The mood of {facts['accuracy']:.0%} of {facts['test_texts']} new sentences is told rightly. "
        f"{facts['train_texts']} sentences are too few to learn a language's moods from; give it thousands of your own."
    )


def _format_gpt(facts: dict[str, Any]) -> str:
    loss = facts["best_validation_loss"]
    learned = next((words for limit, words in LEARNED if loss < limit), LEARNED[-1][1])
    return (
        f"In text it never saw it wavers, at each character, between about {math.exp(loss):.1f} of the "
        f"{facts['vocabulary']} there are ({loss:.2f} nats). {learned}"
    )


STOPS = (
    Stop(
        "descending",
        "Walking downhill on x²",
        "Learning means making an error small: feel the slope, step against it, repeat.",
        _format_descent,
        'groundup descend "x**2 + 8*y**2" --start x=4,y=2',
    ),
    Stop(
        "heights",
        "A line through heights",
        "The same walk, now with the weights of a linear regression for coordinates.",
        _format_heights,
        "groundup predict tour-heights height_10=140,weight_10=35,father_height=180,mother_height=165,sex=female",
        task="regression",
    ),
    Stop(
        "digits",
        "A network that reads digits",
        "Regressions in layers, with a bend between them: a neural network.",
        _format_digits,
        "groundup predict tour-digits builtin:14 builtin:56",
        task="digits",
        hardest=True,
    ),
    Stop(
        "sentiment",
        "A model that reads moods",
        "Words become numbers, and each one carries a share of the mood.",
        _format_sentiment,
        'groundup predict tour-sentiment "what a lovely day"',
        task="sentiment",
    ),
    Stop(
        "gpt",
        "A GPT that talks",
        "Attention over what was written so far, trained to guess what comes next.",
        _format_gpt,
        'groundup generate tour-gpt --prompt "The "',
        task="gpt",
        writes=True,
    ),
)


def visit_descent(stop: Stop, folder: Path) -> Visit:
    """Walk down x², and draw the way into ``folder``."""
    from groundup.formulas.expression import parse_expression
    from groundup.steps.c1_descent.descent import minimize
    from groundup.tasks.descent_picture import draw_descent

    function = parse_expression("x**2")
    path = minimize(function, [5.0], learning_rate=0.1, steps=50)
    picture = folder / "descending.png"
    draw_descent(function, function.variables, "x² and the way down it", path, picture)
    facts = {"start": 5.0, "end": float(path.end), "steps": len(path.points) - 1, "outcome": path.outcome}
    return Visit(stop, stop.learned(facts), facts, [(picture, "The curve x² and the steps down to its lowest point.")])


def visit_job(stop: Stop, root: Path, folder: Path, reporter: Reporter, seed: int, minutes: float | None) -> Visit:
    """Train a stop's job into its run, or go on with it, or take it as it is where it is finished.

    Parameters
    ----------
    stop : Stop
        Which.
    root : Path
        The folder of all runs.
    folder : Path
        Of the tour's pictures.
    reporter : Reporter
        Shows progress.
    seed : int
        Seeds everything random of a run not begun yet.
    minutes : float, optional
        For the training; ``None`` takes the job's own steps.
    """
    name = f"tour-{stop.name}"
    known = open_run(root, name) if (root / name).exists() else None
    facts = finished_report(known) if known else None
    if known is None or facts is None:
        # What was begun keeps the seed and the time that it began with.
        asked: dict[str, Any] = {} if known else {"seed": seed, "minutes": minutes}
        try:
            _, report = launch(stop.task, root=root, name=name, resume=known is not None, reporter=reporter, **asked)
        except UserError as error:
            if known is None or not known.has_file(REPORT):
                raise
            # The remedy of `groundup train` is another name, and the tour's runs have their own.
            told = str(error).partition(". ")[0]
            raise UserError(f"{told}. Delete the run, and take the tour again.") from error
        known, facts = open_run(root, name), report.facts
    task = find_task(stop.task)
    try:
        drawn = [(path, PICTURES[path.stem]) for path in task.draw(known, known.folder)]
        if stop.hardest:
            pictures = folder / stop.name
            pictures.mkdir(exist_ok=True)
            task.evaluate(known, None, pictures, Reporter.silent())
            drawn.append((pictures / "contact-sheet.png", PICTURES["contact-sheet"]))
        text = write(known, seed) if stop.writes else ""
        sentence = stop.learned(facts)
    except KeyError as error:
        raise UserError(
            f"{known.folder}: its report lacks {error}. Delete the run, and take the tour again."
        ) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(
            f"{known.folder}: its report is damaged ({error}). Delete the run, and take the tour again."
        ) from error
    return Visit(stop, sentence, facts, drawn, text)


def write(run: Run, seed: int) -> str:
    """Return what a GPT makes of the prompt."""
    from groundup.tasks.gpt.runs import write_sample

    return write_sample(run, PROMPT, LETTERS, seed)


def plan_minutes(total: float) -> float:
    """Return the minutes that are left for the GPT.

    Raises
    ------
    UserError
        There is no time for it, or no end to it.
    """
    left = total - OTHER_SECONDS / 60
    if left > MOST_MINUTES:
        raise UserError(f"--minutes {total:g}: at most {MOST_MINUTES:,}.")
    if not left >= 0.1:
        raise UserError(f"--minutes {total:g}: the tour needs 1 minute at least.")
    return left
