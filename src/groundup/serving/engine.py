"""One thread that computes the tokens of all requests in turn.

Every text that is being written gets one token per round. A short answer is therefore not kept waiting by a long one
before it, and a request whose client has gone stops at its next token. Only so many texts are written at once, because
each of them needs a key-value cache; the others wait in the order in which they came.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from groundup.base.errors import UserError
from groundup.base.faults import explain, report_fault
from groundup.data.corpus.tokens import TextStream, Tokenizer
from groundup.models.decoding import Decoder
from groundup.serving.stop_strings import StopFinder
from groundup.steps.c5_words.sampling import choose_token
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.gpt.runs import draw_tokens

MOST_AT_ONCE = 8
MOST_WAITING = 2_000


class OverloadedError(UserError):
    """More texts are waiting than the server takes."""


@dataclass(frozen=True)
class TokenScore:
    """How likely a token was.

    Attributes
    ----------
    token : int
        Its number.
    log_probability : float
        The logarithm of its probability according to the model, before temperature and top-p.
    likeliest : tuple of (int, float)
        The likeliest tokens at its place with their log-probabilities, the likeliest first.
    """

    token: int
    log_probability: float
    likeliest: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Piece:
    """What is ready of a text.

    Attributes
    ----------
    text : str
        The next part; may be empty at the end.
    tokens : int
        How many tokens were drawn for it.
    scores : tuple of TokenScore
        Those of these tokens, where they were asked for.
    finish_reason : str or None
        Of the last piece: ``"stop"`` (an end token or a stop string came) or ``"length"``.
    error : str or None
        What went wrong; it is then the last piece.
    """

    text: str = ""
    tokens: int = 0
    scores: tuple[TokenScore, ...] = ()
    finish_reason: str | None = None
    error: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.finish_reason is not None or self.error is not None


@dataclass(frozen=True)
class Order:
    """A text to write.

    Attributes
    ----------
    prompt : tuple of int
        The tokens to continue, at least one.
    most_tokens : int
        How many to draw at most.
    temperature : float
        As of `groundup.steps.c5_words.sampling.choose_token`.
    top_p : float or None
        Likewise.
    seed : int or None
        The same seed gives the same text; ``None`` takes a new one.
    stops : tuple of str
        The text ends before the first of them.
    scores : int or None
        How many of the likeliest tokens to report at each place; ``None`` reports no scores at all.
    """

    prompt: tuple[int, ...]
    most_tokens: int
    temperature: float = 1.0
    top_p: float | None = None
    seed: int | None = None
    stops: tuple[str, ...] = ()
    scores: int | None = None


@dataclass
class Writing:
    """A text that waits or is being written.

    Attributes
    ----------
    order : Order
        What was asked for.
    deliver : callable
        Gets each `Piece`, in the engine's thread.
    cancelled : bool
        Whether nobody wants it any more.
    """

    order: Order
    deliver: Callable[[Piece], None]
    cancelled: bool = False
    _pieces: Iterator[Piece] | None = field(default=None, repr=False)

    def cancel(self) -> None:
        """Compute nothing more for it."""
        self.cancelled = True


class Engine:
    """Writes texts with one model, several at once.

    Parameters
    ----------
    model : GPT
        Ready to use.
    tokenizer : Tokenizer
        Its own.
    ends : sequence of int
        The tokens that end a text; they are not part of it.
    threads : int, optional
        How many threads a matrix product takes; torch's own number by default.
    most_at_once, most_waiting : int
        How many texts are written, and how many may wait.
    """

    def __init__(
        self,
        model: GPT,
        tokenizer: Tokenizer,
        ends: Sequence[int] = (),
        threads: int | None = None,
        most_at_once: int = MOST_AT_ONCE,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.model, self.tokenizer, self.ends = model, tokenizer, frozenset(ends)
        self.most_at_once, self.most_waiting = most_at_once, most_waiting
        self._threads = threads
        # Its weights are prepared once; each text takes a cache of its own.
        self._decoder = Decoder(model) if model.has_cache else None
        self._waiting: deque[Writing] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, orders: Sequence[Order], deliver: Callable[[int, Piece], None]) -> list[Writing]:
        """Take texts to write; ``deliver`` gets their numbers and pieces, in the engine's thread.

        Raises
        ------
        OverloadedError
            Too many are waiting already; none of these is taken.
        """

        def numbered(number: int) -> Callable[[Piece], None]:
            return lambda piece: deliver(number, piece)

        writings = [Writing(order, numbered(number)) for number, order in enumerate(orders)]
        with self._changed:
            self._drop_cancelled()
            if len(self._waiting) + len(writings) > self.most_waiting:
                raise OverloadedError(f"{len(self._waiting)} texts are waiting already. Try again later.")
            self._waiting.extend(writings)
            self._changed.notify()
        return writings

    def close(self) -> None:
        """Stop at the next token; what is not finished stays unfinished."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(60)

    def _drop_cancelled(self) -> None:
        self._waiting = deque(writing for writing in self._waiting if not writing.cancelled)

    def _run(self) -> None:
        if self._threads is not None:
            torch.set_num_threads(self._threads)
        active: list[Writing] = []
        while True:
            with self._changed:
                while not (self._closed or active or self._waiting):
                    self._changed.wait()
                if self._closed:
                    return
                while self._waiting and len(active) < self.most_at_once:
                    active.append(self._waiting.popleft())
            active = [writing for writing in active if self._go_on(writing)]

    def _go_on(self, writing: Writing) -> bool:
        """Draw one more token of a text; return whether there is more to draw."""
        if writing.cancelled:
            return False
        try:
            writing._pieces = writing._pieces or self._write(writing.order)
            piece = next(writing._pieces)
        except UserError as error:
            piece = Piece(error=str(error))
        except Exception as error:  # noqa: BLE001 - one text may fail, the others go on
            piece = Piece(error=explain(error) or report_fault(error))
        if piece.text or piece.is_last:
            writing.deliver(piece)
        return not piece.is_last

    def _write(self, order: Order) -> Iterator[Piece]:
        """Yield a piece for every token; one without text means: not ready yet."""
        generator = torch.Generator().manual_seed(secrets.randbits(63) if order.seed is None else order.seed % 2**63)
        chooser = _Chooser(order.scores)
        options: dict[str, Any] = {"temperature": order.temperature, "top_p": order.top_p, "generator": generator}
        decoder = None if self._decoder is None else self._decoder.share()
        drawn = draw_tokens(
            self.model, list(order.prompt), order.most_tokens, decoder=decoder, choose=chooser.choose, **options
        )
        stream, finder = TextStream(self.tokenizer), StopFinder(order.stops)
        count, reason = 0, None  # type: int, str | None
        for place, token in enumerate(drawn, start=1):
            count += 1
            if token in self.ends:
                del chooser.scores[-1:]  # the end token is no part of the text
                text, reason = finder.feed(stream.finish())[0] + finder.finish(), "stop"
            else:
                text, stopped = finder.feed(stream.feed(token))
                reason = "stop" if stopped else None
                if reason is None and place == order.most_tokens:
                    rest, stopped = finder.feed(stream.finish())
                    text, reason = text + rest + finder.finish(), "stop" if stopped else "length"
            if not text and reason is None:
                yield Piece()
                continue
            yield Piece(text, count, tuple(chooser.scores), reason)
            if reason is not None:
                return
            count = 0
            chooser.scores.clear()


class _Chooser:
    """Draws tokens, and keeps how likely they were where that is asked for."""

    def __init__(self, likeliest: int | None) -> None:
        self.likeliest = likeliest
        self.scores: list[TokenScore] = []

    def choose(self, logits: torch.Tensor, **options: Any) -> int:
        token = choose_token(logits, **options)
        if self.likeliest is not None:
            logs = logits.log_softmax(0)
            top = logs.topk(min(self.likeliest, len(logs)))
            pairs = tuple(zip(top.indices.tolist(), top.values.tolist(), strict=True))
            self.scores.append(TokenScore(token, float(logs[token]), pairs))
        return token
