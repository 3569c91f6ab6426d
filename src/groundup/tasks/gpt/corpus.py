"""The text of a gpt run: read, cut into training and validation by position, and turned into token numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from groundup.base.decoding import find_wide
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import replace_file, write_atomically
from groundup.data.corpus.packed_texts import measure_texts, read_head
from groundup.data.corpus.text_column import TextColumn
from groundup.data.corpus.texts import (
    BUILT_IN,
    Text,
    copy_stream_as_text,
    describe_columns,
    find_text_files,
    read_text,
)
from groundup.data.corpus.tokens import (
    Tokenizer,
    find_characters,
    make_merge_tokenizer,
    read_tokenizer_file,
    train_tokenizer,
)
from groundup.data.corpus.windows import TokenRow, Tokens, TokenSpan, count_targets, measuring_windows
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream
from groundup.runs.folder import Run
from groundup.steps.c5_words.perplexity import average_loss
from groundup.steps.c6_gpt.gpt import GPT
from groundup.training.distributed import ProcessGroup

TOKENIZER = "tokenizer.json"
KEPT_TEXT = "text.txt"
HELD_OUT = 0.1
MOST_HELD_OUT = 2_000_000
MERGES, MERGED_CHARACTERS = 100, 20_000
Merge = Callable[[str, int], Sequence[Sequence[str]]]


@dataclass
class Corpus:
    """A run's text, ready to train on.

    Attributes
    ----------
    tokenizer : Tokenizer
        Text to token numbers and back.
    training, validation : Tokens
        The first nine tenths and the last tenth.
    validation_characters : int
        How many characters the validation text has, for losses per character.
    facts : dict
        What identifies the text, kept in ``config.json``.
    """

    tokenizer: Tokenizer
    training: Tokens
    validation: Tokens
    validation_characters: int
    facts: dict[str, Any] = field(default_factory=dict)

    def describe_training(self) -> str:
        """Name the text to train on, for messages."""
        return f"{self.facts['name']}: the training part"


def load_corpus(  # noqa: PLR0913 - a setting each
    data: str | None,
    kind: str,
    vocabulary_size: int,
    shard_above: float,
    run: Run,
    reporter: Reporter,
    merge: Merge | None = None,
    processes: int | None = None,
    text_column: str = "",
    cluster: str | None = None,
) -> Corpus:
    """Read the run's text; its tokenizer is made once and kept in the run folder.

    Parameters
    ----------
    data : str or None
        See `groundup.data.corpus.texts.read_text`. Standard input and pipes are kept in the run folder, for a resumed
        run.
    kind : {"characters", "bytepair"}
        What the tokens are.
    vocabulary_size : int
        How many tokens byte pairs may have.
    shard_above : float
        From how many megabytes on the text is tokenised into memory-mapped shards.
    merge : callable, optional
        A learner's ``get_merges(corpus, num_merges)`` that makes the tokens of a text held in memory.
    processes : int, optional
        How many tokenise a text into shards; one a processor core if left out.
    text_column : str
        The field of JSONL or column of Parquet files that is the text; found where left empty.
    cluster : str, optional
        The address of a Dask scheduler whose workers tokenise in their place.

    Raises
    ------
    UserError
        The text is missing, empty or too short, or another one than the run began with.
    """
    if data is not None and (is_stream(data) or run.path(KEPT_TEXT).is_file()):
        data = _keep_stream(run, data)
    # Of a run from before another text became the built-in one, the first text is meant.
    begun = run.config.get("text", {}).get("name")
    data = data or (begun if begun in BUILT_IN else None)
    path = locate(data, BUILT_IN) if data is not None else None
    column = TextColumn(text_column)
    files = find_text_files(path) if path is not None and path.exists() else ([], [])
    for note in [*files[1], *describe_columns(files[0], column)]:
        reporter.say(note)
    size = measure_texts(files[0], column, shard_above * 1e6)
    if data is not None and size > shard_above * 1e6:
        if merge is not None:
            raise UserError(
                f"{data}: your tokenizer makes the tokens of a text in memory, and this one has {size / 1e6:.0f} MB. "
                f"Give a shorter one, or --set shard_above={-(-size // 10**6)}."
            )
        corpus = _shard(files[0], data, kind, vocabulary_size, run, reporter, processes, column, cluster)
    else:
        if cluster is not None:
            reporter.say("The text is held in memory: the cluster has nothing to do.")
        corpus = _hold_in_memory(read_text(data, column), data, kind, vocabulary_size, run, merge)
    _check_same(data, run, corpus.facts)
    return corpus


def _check_same(data: str | None, run: Run, facts: dict[str, Any]) -> None:
    """Refuse a text that is not the one a run began with."""
    known = run.config.get("text")
    if known is not None and known != facts:
        raise UserError(
            f"{data or 'the built-in text'} is not the text this run began with ({known['characters']} characters "
            f"then, {facts['characters']} now, or changed ones). Put it back, or start a new run with --run."
        )


def _hold_in_memory(
    text: Text, data: str | None, kind: str, vocabulary_size: int, run: Run, merge: Merge | None
) -> Corpus:
    content = text.content
    split = int(len(content) * (1 - HELD_OUT))
    digest = hashlib.sha256(content.encode()).hexdigest()
    facts = {"name": text.name, "characters": len(content), "sha256": digest}
    _check_same(data, run, facts)  # before a tokenizer is made of another text
    if run.has_file(TOKENIZER):
        tokenizer = read_tokenizer_file(run.path(TOKENIZER))
    elif merge is not None:
        # A plain trainer goes through its text once a merge: it gets a text that this takes seconds for.
        merges = merge(content[:MERGED_CHARACTERS], MERGES)
        tokenizer = make_merge_tokenizer(find_characters([content]), merges)
        write_atomically(run.path(TOKENIZER), tokenizer.to_json())
    else:
        # All characters that occur have a place; byte pairs are learned from the training part alone.
        learn_from = content if kind == "characters" else content[:split]
        tokenizer = train_tokenizer(kind, [learn_from], vocabulary_size)
        write_atomically(run.path(TOKENIZER), tokenizer.to_json())
    if tokenizer.characters is not None:
        tokens = TokenRow(tokenizer.encode(content))
        training: Tokens = TokenSpan(tokens, 0, split)
        validation: Tokens = TokenSpan(tokens, split, len(tokens))
    else:
        training, validation = (TokenRow(tokenizer.encode(part)) for part in (content[:split], content[split:]))
    return Corpus(tokenizer, training, validation, len(content) - split, facts)


def _shard(  # noqa: PLR0913 - likewise
    files: list[Path],
    data: str,
    kind: str,
    vocabulary_size: int,
    run: Run,
    reporter: Reporter,
    processes: int | None,
    column: TextColumn,
    cluster: str | None,
) -> Corpus:
    # Not above: what starts processes takes a while to import.
    from groundup.tasks.gpt.shards import TokenizerRequest, find_shard_maker, open_shards

    for file in files:
        if find_wide(read_head(file, column)) is not None:
            raise UserError(
                f"{file}: UTF-16, which is read of a text up to --set shard_above megabytes only. Make it UTF-8: "
                "iconv -f UTF-16 -t UTF-8 OLD > NEW."
            )
    maker = find_shard_maker(files, data, processes, column)
    known = run.config.get("text")
    if known is not None and known.get("shards") != maker.folder.name:
        raise UserError(
            f"{data} is not the text this run began with, or was changed since. Put it back as it was, its time of "
            "change included, or start a new run with --run."
        )
    own = read_tokenizer_file(run.path(TOKENIZER)) if run.has_file(TOKENIZER) else None
    tokenizer, tokens = open_shards(maker, TokenizerRequest(kind, vocabulary_size, own), run.name, reporter, cluster)
    if own is None:
        write_atomically(run.path(TOKENIZER), tokenizer.to_json())
    split = len(tokens) - min(int(HELD_OUT * len(tokens)), MOST_HELD_OUT)
    if split < (1 - HELD_OUT) * len(tokens):
        reporter.say(f"The last {len(tokens) - split} tokens are held out for validation.")
    training, validation = TokenSpan(tokens, 0, split), TokenSpan(tokens, split, len(tokens))
    facts = {"name": data, "characters": tokens.characters, "shards": maker.folder.name}
    return Corpus(tokenizer, training, validation, count_characters(tokenizer, validation), facts)


def count_characters(tokenizer: Tokenizer, tokens: Tokens) -> int:
    """Return how many characters a row of tokens spells."""
    starts = range(0, len(tokens), 65_536)
    rows = (tokens.take(np.array([start]), min(65_536, len(tokens) - start))[0] for start in starts)
    return sum(tokenizer.count_characters(row) for row in rows)


@torch.no_grad()
def measure_loss(model: GPT, tokens: Tokens, team: ProcessGroup | None = None, most_tokens: int | None = None) -> float:
    """Return the mean loss over a whole text, in nats per token; each token but the first is asked for once.

    The caller chooses the precision. Of more than ``most_tokens`` an evenly spaced sample is measured, always the same.
    The processes of a team share the text out.
    """
    team, device, context = team or ProcessGroup(), next(model.parameters()).device, model.settings.context
    total = torch.zeros(1, dtype=torch.float64)
    batches = _large_batches(tokens, context, model.settings.vocabulary, most_tokens)
    # In rounds: every process asks the model equally often, since a model spread over them is gathered each time.
    while round_ := list(islice(batches, team.size)):
        inputs, targets = round_[min(team.rank, len(round_) - 1)]
        logits = model(inputs.to(device)).flatten(0, 1).float()
        loss = functional.cross_entropy(logits, targets.flatten().to(device), reduction="sum")
        total += float(loss) if team.rank < len(round_) else 0.0
    team.all_reduce_sum([total])
    return average_loss([float(total)], [count_targets(len(tokens), context, most_tokens)])


def _large_batches(
    tokens: Tokens, context: int, vocabulary: int, most_tokens: int | None
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    # As many tokens at once as keep the processor busy, fewer where the logits would fill the memory.
    at_once = max(1, min(16_384, 32_000_000 // vocabulary) // context)
    return measuring_windows(tokens, context, at_once, most_tokens)


def _keep_stream(run: Run, data: str) -> str:
    path = run.path(KEPT_TEXT)
    if not run.has_file(KEPT_TEXT):
        if "text" in run.config:
            raise UserError(f"{path}: missing, the text that this run learns from. Put it back, or start a new run.")
        replace_file(path, partial(copy_stream_as_text, data))
    return str(path)
