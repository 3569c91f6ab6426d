"""The tour's stops: what each one does, and which sentence reports the result."""

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
from groundup.tasks.time_budget import count_steps

PICTURES = {
    "curves": "How the error fell during training.",
    "words": "The words that say most about the sentiment.",
    "contact-sheet": "The test pictures that were hardest for the network.",
}
MOST_MINUTES = 10_000
# Nats per character on Shakespeare's plays. Knowing only how often each character occurs gives 3.3.
MORE = "With more minutes it learns more: groundup train gpt --minutes 5"
# Below this share of right answers, the tour says that the steps were too few.
FEW_RIGHT = 0.5
LEARNED = (
    (1.6, "It has learned spelling, words and common phrases, but not what they mean."),
    (2.4, f"It has learned many words and pieces of words, and a little about which ones follow each other. {MORE}"),
    (3.2, f"It has learned how often each piece of a word occurs, and little more. {MORE}"),
    (math.inf, f"It has learned almost nothing: the time was too short on this computer. {MORE}"),
)
# How many sums are asked at the end, and what is added to the seed, so that others are asked than were measured.
ASKED, ASKED_SEED = 10, 1_000
PROMPT, LETTERS = "ROMEO:\n", 600
# The time of the other stops and of starting Python, with a margin for a slower machine.
OTHER_SECONDS = 40.0
LEAST_LEFT = 0.1  # minutes
# The GPT that adds gets so much of what is left, at most.
SUMS_SECONDS, SUMS_SHARE = 20.0, 0.3


@dataclass(frozen=True)
class Stop:
    """A stop of the tour.

    Attributes
    ----------
    name : str
        Also names the run, ``tour-NAME``.
    title, idea : str
        What it is about, shown before anything runs.
    learned : callable
        Makes one honest sentence from the figures.
    command : str
        A command to try next.
    task : str
        The task that it trains; empty for the descent.
    hardest : bool
        Whether to show the test data that are hardest for it.
    settings : tuple of str
        Settings of the task, KEY=VALUE.
    writes : bool
        Whether to show the text that it writes; this stop gets the remaining time.
    answers : bool
        Whether to ask it ten questions that it never saw.
    """

    name: str
    title: str
    idea: str
    learned: Callable[[dict[str, Any]], str]
    command: str
    task: str = ""
    hardest: bool = False
    settings: tuple[str, ...] = ()
    writes: bool = False
    answers: bool = False


@dataclass
class Visit:
    """The result of a stop.

    Attributes
    ----------
    stop : Stop
        The stop.
    sentence : str
        What was learned.
    facts : dict
        The figures.
    pictures : list of (Path, str)
        Each with a description for people who cannot see it.
    text : str
        What the model wrote, if it writes, or its answers.
    """

    stop: Stop
    sentence: str
    facts: dict[str, Any]
    pictures: list[tuple[Path, str]] = field(default_factory=list)
    text: str = ""


def _format_descent(facts: dict[str, Any]) -> str:
    return (
        f"From x = {facts['start']:g} to x = {facts['end']:.6f} in {facts['steps']} steps. Each step used only the "
        "derivative at the current x. All models of this tour are trained in this way, or by a refinement of it."
    )


def _format_heights(facts: dict[str, Any]) -> str:
    return (
        f"It predicts the adult height of {facts['rows']['held_out']} people it never saw with an error of "
        f"{facts['test_error']:.1f} cm (root mean square). Predicting the average for everybody "
        f"has an error of {facts['test_error_of_the_mean']:.1f} cm. "
        "The people are simulated from published growth statistics."
    )


def _format_digits(facts: dict[str, Any]) -> str:
    return (
        f"It reads {facts['accuracy']:.1%} of {facts['test_pictures']} handwritten digits it never saw correctly, and "
        f"{facts['train_accuracy']:.1%} of those it learned from. "
        + (
            "If this gap grows with more training and the first figure does not improve, the network over-fits."
            if facts["train_accuracy"] > facts["accuracy"]
            else "There is no gap, so there is no sign of over-fitting."
        )
    )


def _format_sentiment(facts: dict[str, Any]) -> str:
    return (
        f"It read {facts['train_texts']:,} sentences of reviews, and classifies {facts['accuracy']:.0%} of "
        f"{facts['test_texts']:,} new ones correctly. Guessing would be right for half of them."
    )


def _format_gpt(facts: dict[str, Any]) -> str:
    # Byte pairs have a loss per token, which says little to a reader, and one per character.
    loss = facts.get("per_character", facts["best_validation_loss"])
    learned = next((words for limit, words in LEARNED if loss < limit), LEARNED[-1][1])
    return (
        "It read nine tenths of the plays. In the last tenth it is as unsure about each character as in a choice "
        f"among {math.exp(loss):.1f} equally likely ones ({loss:.2f} nats). {_describe_steps(facts)} {learned}"
    )


def _describe_steps(facts: dict[str, Any]) -> str:
    return f"Your computer had time for {count_steps(facts['steps'])}."


def _format_sums(facts: dict[str, Any]) -> str:
    few = facts["accuracy"] < FEW_RIGHT
    more = f" {_describe_steps(facts)} This is too few: groundup train sums takes as many as it needs."
    return (
        f"It was never told how to add. It answers {facts['accuracy']:.1%} of {facts['test_questions']:,} sums that it "
        "never saw exactly. Below are ten of them." + (more if few else "")
    )


STOPS = (
    Stop(
        "descending",
        "Walking downhill on x²",
        "To learn is to make an error small: compute the gradient, take a step against it, repeat.",
        _format_descent,
        'groundup descend "x**2 + 8*y**2" --start x=4,y=2',
    ),
    Stop(
        "heights",
        "A line through heights",
        "The same descent, but the coordinates are now the weights of a linear regression. It learns from simulated "
        "people.",
        _format_heights,
        "groundup predict tour-heights height_10=140,weight_10=35,father_height=180,mother_height=165,sex=female",
        task="regression",
    ),
    Stop(
        "digits",
        "A network that reads digits",
        "Layers of regressions with a non-linear function between them: a neural network. It learns from digits that "
        "people wrote by hand.",
        _format_digits,
        "groundup predict tour-digits builtin:14 builtin:56",
        task="digits",
        hardest=True,
    ),
    Stop(
        "sentiment",
        "A model that reads sentiment",
        "Words become numbers, and each word adds its share to the sentiment. It learns from sentences of reviews.",
        _format_sentiment,
        'groundup predict tour-sentiment "what a lovely day"',
        task="sentiment",
    ),
    Stop(
        "gpt",
        "A GPT that talks",
        "Attention over the text so far, trained to predict what comes next. It learns from plays of Shakespeare.",
        _format_gpt,
        'groundup generate tour-gpt --prompt "JULIET:"',
        task="gpt",
        # In a minute or two, byte pairs reach fewer bits per character than characters do, and whole words.
        settings=("tokenizer=bytepair", "vocabulary_size=4096"),
        writes=True,
    ),
    Stop(
        "sums",
        "A GPT that adds",
        "The same kind of model, but its texts are sums of numbers with up to three digits, and it learns the answers "
        "only.",
        _format_sums,
        "groundup predict tour-sums 123+456 999+1",
        task="sums",
        answers=True,
    ),
)


def list_commands() -> list[str]:
    """Return a command to try for each model of the tour."""
    talks = next(name_run(stop) for stop in STOPS if stop.writes)
    return [
        *(stop.command for stop in STOPS if stop.task),
        f"groundup train chat --from {talks}, then: groundup chat chat",
    ]


def name_run(stop: Stop) -> str:
    """Return the name of a stop's run."""
    return f"tour-{stop.name}"


def visit_descent(stop: Stop, folder: Path) -> Visit:
    """Walk down x², and draw the path into ``folder``."""
    from groundup.formulas.expression import parse_expression
    from groundup.steps.c1_descent.descent import minimize
    from groundup.tasks.descent_picture import draw_descent

    function = parse_expression("x**2")
    path = minimize(function, [5.0], learning_rate=0.1, steps=50)
    picture = folder / "descending.png"
    draw_descent(function, function.variables, "x² and the path down it", path, picture)
    facts = {"start": 5.0, "end": float(path.end), "steps": len(path.points) - 1, "outcome": path.outcome}
    return Visit(stop, stop.learned(facts), facts, [(picture, "The curve x² and the steps down to its lowest point.")])


def visit_job(stop: Stop, root: Path, folder: Path, reporter: Reporter, seed: int, minutes: float | None) -> Visit:
    """Train a stop's job into its run, resume it, or use it as it is if it is finished.

    Parameters
    ----------
    stop : Stop
        The stop.
    root : Path
        The folder of all runs.
    folder : Path
        The folder of the tour's pictures.
    reporter : Reporter
        Shows progress.
    seed : int
        The seed of a new run.
    minutes : float, optional
        The time of the training; ``None`` takes the job's own steps.
    """
    name = name_run(stop)
    known = open_run(root, name) if (root / name).exists() else None
    facts = finished_report(known) if known else None
    if known is None or facts is None:
        # A run that was started keeps its seed and its time.
        asked: dict[str, Any] = {} if known else {"seed": seed, "minutes": minutes, "pairs": stop.settings}
        try:
            _, report = launch(stop.task, root=root, name=name, resume=known is not None, reporter=reporter, **asked)
        except UserError as error:
            if known is None or not known.has_file(REPORT):
                raise
            # `groundup train` suggests another name, but the tour's runs have fixed names.
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
        text = write(known, seed) if stop.writes else answer_sums(known, seed) if stop.answers else ""
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
    """Return a GPT's continuation of the prompt, about `LETTERS` characters of it."""
    from groundup.tasks.gpt.runs import write_sample

    return end_at_a_sentence(write_sample(run, PROMPT, LETTERS, seed, LETTERS))


def answer_sums(run: Run, seed: int) -> str:
    """Return the answers of a run of sums to ten questions that it never saw, a line each, and how many are right."""
    from groundup.tasks.sums.model import open_sums
    from groundup.tasks.sums.task import answer

    model, problems = open_sums(run)
    found = answer(model, problems, problems.draw_test(ASKED, seed + ASKED_SEED)).facts()
    lines = [
        f"{one['question']} = {one['answer']}" + ("" if one["right"] else f"  (it is {one['truth']})") for one in found
    ]
    return "\n".join([*lines, f"{sum(one['right'] for one in found)} of {len(found)} are right."])


def end_at_a_sentence(text: str) -> str:
    """Leave out what begins after the last sentence; a text without sentences stays.

    Examples
    --------
    >>> end_at_a_sentence("ROMEO: Farewell! She speaks: O, speak again. I kn")
    'ROMEO: Farewell! She speaks: O, speak again.'
    >>> end_at_a_sentence("Yes. a text with hardly any sentence")
    'Yes. a text with hardly any sentence'
    """
    end = max(text.rfind(sign) for sign in ".!?")
    return text[: end + 1] if end >= len(text) // 2 else text


def plan_minutes(total: float) -> tuple[float, float]:
    """Return the minutes of the GPT that writes and of the one that adds: what the other stops leave.

    Raises
    ------
    UserError
        The time is too short or too long.

    Examples
    --------
    >>> [round(60 * minutes) for minutes in plan_minutes(2.5)]
    [90, 20]
    """
    left = total - OTHER_SECONDS / 60
    if left > MOST_MINUTES:
        raise UserError(f"--minutes {total:g}: at most {MOST_MINUTES:,}.")
    if not left >= LEAST_LEFT:
        raise UserError(f"--minutes {total:g}: the tour needs at least 1 minute.")
    sums = min(SUMS_SECONDS / 60, SUMS_SHARE * left)
    return left - sums, sums
