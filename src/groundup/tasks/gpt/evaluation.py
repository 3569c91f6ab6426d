"""How good a GPT is on a text: the loss that is trained, the text that is measured on, and the figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.text_column import TextColumn
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.tokens import Tokenizer
from groundup.data.corpus.windows import TokenRow
from groundup.parts.swap import Parts
from groundup.runs.folder import Run
from groundup.steps.c5_words.perplexity import measure_bits, measure_perplexity
from groundup.tasks.gpt.corpus import load_corpus
from groundup.tasks.gpt.settings import GPTTaskSettings
from groundup.tasks.opening import read_run_settings

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "answer_loss": "tests/steps/c7_beyond/test_answer_loss.py::test_the_gpt_jobs_loss_leaves_out_the_same_targets",
}


def next_token_loss(prediction: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits ``[batch, time, vocabulary]`` and targets ``[batch, time]``.

    Targets of −100 do not count.
    """
    return functional.cross_entropy(prediction.flatten(0, 1), targets.flatten())


def parts_loss(parts: Parts | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Return `next_token_loss`, or the same by a learner's loss of rows of logits."""
    if parts is None or "loss" not in parts.found:
        return next_token_loss
    own = parts.found["loss"]
    return lambda prediction, targets: own(prediction.flatten(0, 1).float(), targets.flatten())


def read_measured_text(run: Run, data: str | None, tokenizer: Tokenizer, reporter: Reporter) -> tuple[Any, int, str]:
    """Return the tokens of the text to measure a run on, its number of characters, and its name.

    Parameters
    ----------
    run : Run
        A trained run.
    data : str or None
        A text; ``None`` takes the run's validation text.
    tokenizer : Tokenizer
        The run's own.
    reporter : Reporter
        Hears what was noticed while the text was read.

    Raises
    ------
    UserError
        There is no text, it cannot be read, or it is too short.
    """
    if data is not None:
        # The column that the run was trained on, where these data have it, too.
        column = getattr(read_run_settings(run), "text_column", "") if "text" in run.config else ""
        text = read_text(data, TextColumn(column, required=False))
        for note in text.notes:
            reporter.say(note)
        content = text.content
        tokens: Any = TokenRow(tokenizer.encode(content))
        characters, name = len(content), data
    elif "text" not in run.config:
        raise UserError(f"{run.folder} was not trained here: name a text to measure it on with --data.")
    else:
        s: GPTTaskSettings = read_run_settings(run)
        wanted = s.tokenizer, s.vocabulary_size, s.shard_above
        corpus = load_corpus(
            run.config.get("data"), *wanted, run, reporter, processes=s.shard_processes, text_column=s.text_column
        )
        tokens, characters, name = corpus.validation, corpus.validation_characters, "the validation text"
    if len(tokens) < 2:
        raise UserError(f"{name}: {len(tokens)} token(s); at least two are needed to guess one from the other.")
    return tokens, characters, name


def list_figures(loss: float, tokens: int, characters: int) -> dict[str, float]:
    """Return the figures of a text of so many tokens and characters, from the mean loss of its tokens in nats."""
    total = loss * (tokens - 1)
    return {
        "loss": loss,
        "perplexity": measure_perplexity(loss),
        "nats_per_character": total / max(1, characters),
        "bits_per_character": measure_bits([total], max(1, characters)),
        "tokens": tokens,
        "characters": characters,
    }
