"""A gpt run's text in shards: found at once where they were made before, else made by a process a processor core."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from groundup.base.cache import cache_folder
from groundup.base.cluster import open_cluster
from groundup.base.errors import Stopped
from groundup.base.reporting import Reporter
from groundup.data.corpus.sharded_tokens import ShardedTokens
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.text_column import TextColumn
from groundup.data.corpus.tokens import Tokenizer

MANY_CHARACTERS = 2000


@dataclass(frozen=True)
class TokenizerRequest:
    """What the tokens of a text are to be.

    Attributes
    ----------
    kind : {"characters", "bytepair"}
        What a token is.
    vocabulary_size : int
        How many tokens byte pairs may have.
    tokenizer : Tokenizer or None
        The one the run has already, in place of both.
    """

    kind: str
    vocabulary_size: int
    tokenizer: Tokenizer | None = None


def find_shard_maker(files: Sequence[Path], name: str, processes: int | None, column: TextColumn) -> ShardMaker:
    """Return what makes and finds the shards of a text's files."""
    return ShardMaker(files, cache_folder(), processes, name=name, column=column)


def open_shards(
    maker: ShardMaker, wanted: TokenizerRequest, run: str, reporter: Reporter, cluster: str | None = None
) -> tuple[Tokenizer, ShardedTokens]:
    """Return a text's tokenizer and its tokens; see `groundup.data.corpus.shards`.

    Parameters
    ----------
    maker, wanted
        Which text, and which tokens.
    run : str
        The run's name, for what to do after a Ctrl-C.
    cluster : str, optional
        The address of a Dask scheduler whose workers tokenise.

    Raises
    ------
    UserError
        The cluster cannot be used, or see `ShardMaker`.
    Stopped
        Ctrl-C; what is done is kept.
    """
    tokenizer = wanted.tokenizer or maker.find_tokenizer(wanted.kind, wanted.vocabulary_size)
    tokens = maker.find_shards(tokenizer) if tokenizer is not None else None
    if tokenizer is not None and tokens is not None:
        if cluster is not None:
            reporter.say("The text was tokenised before: the cluster has nothing to do.")
        return tokenizer, tokens
    try:
        with (
            maker.locked(lambda: reporter.say("Another process tokenises this text. Waiting for it …")),
            open_cluster(cluster) if cluster is not None else nullcontext() as maker.cluster,
        ):
            if maker.packed_size:
                with reporter.progress(maker.packed_size, "unpacking", in_bytes=True) as progress:
                    maker.unpack(progress.advance)
            reporter.say(f"{maker.size / 1e6:.0f} MB of text: tokenised once, into {maker.folder}.")
            tokenizer = tokenizer or _make_tokenizer(maker, wanted, reporter)
            done = maker.count_done(tokenizer)
            with reporter.progress(maker.size, "tokenising", done=done, in_bytes=True) as progress:
                return tokenizer, maker.make_shards(tokenizer, progress.advance)
    except KeyboardInterrupt:
        raise Stopped(
            "stopped while the text was tokenised; the shards that are done are kept. "
            f"Continue with: groundup train --run {run} --resume"
        ) from None


def _make_tokenizer(maker: ShardMaker, wanted: TokenizerRequest, reporter: Reporter) -> Tokenizer:
    if wanted.kind == "bytepair":
        reporter.say("Learning byte pairs from a sample of the text …")
        return maker.make_tokenizer(wanted.kind, wanted.vocabulary_size)
    with reporter.progress(maker.size, "finding the characters", in_bytes=True) as progress:
        tokenizer = maker.make_tokenizer(wanted.kind, wanted.vocabulary_size, progress.advance)
    if tokenizer.size > MANY_CHARACTERS:
        reporter.say(
            f"The text has {tokenizer.size} different characters, each a token: "
            "--set tokenizer=bytepair makes a model of it smaller and better."
        )
    return tokenizer
