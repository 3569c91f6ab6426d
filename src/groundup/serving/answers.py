"""The answers in OpenAI's form: whole ones, and chunks of streams."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from groundup.data.corpus.tokens import Tokenizer
from groundup.serving.engine import Piece, TokenScore


@dataclass
class Counts:
    """How many tokens a request took."""

    prompt: int
    completion: int = 0

    def describe(self) -> dict[str, int]:
        """Return them in OpenAI's form."""
        total = self.prompt + self.completion
        return {"prompt_tokens": self.prompt, "completion_tokens": self.completion, "total_tokens": total}


@dataclass(frozen=True)
class Form:
    """The form of the answers to one request.

    Attributes
    ----------
    chat : bool
        Whether it is that of chats.
    model : str
        The model's name.
    tokenizer : Tokenizer
        Its own.
    id : str
        Of the answer.
    created : int
        When, in seconds since 1970.
    """

    chat: bool
    model: str
    tokenizer: Tokenizer
    id: str = ""
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", ("chatcmpl-" if self.chat else "cmpl-") + secrets.token_hex(12))

    def write_whole(self, texts: Sequence[Text], counts: Counts) -> dict[str, Any]:
        """Return the answer of all texts."""
        choices = []
        for number, text in enumerate(texts):
            content: dict[str, Any] = {"text": text.content}
            if self.chat:
                content = {"message": {"role": "assistant", "content": text.content, "refusal": None}}
            scores = self._write_scores(text.scores, 0) if text.scored else None
            choices.append({"index": number, **content, "logprobs": scores, "finish_reason": text.finish_reason})
        return {**self._head(whole=True), "choices": choices, "usage": counts.describe()}

    def write_opening(self, number: int) -> dict[str, Any]:
        """Return the first chunk of a text in a chat: who speaks."""
        delta = {"role": "assistant", "content": ""}
        return self._chunk({"index": number, "delta": delta, "logprobs": None, "finish_reason": None})

    def write_piece(self, number: int, piece: Piece, offset: int, scored: bool) -> dict[str, Any]:
        """Return the chunk of a piece that begins at character ``offset`` of its text."""
        content: dict[str, Any] = {"text": piece.text}
        if self.chat:
            content = {"delta": {"content": piece.text} if piece.text else {}}
        scores = self._write_scores(piece.scores, offset) if scored else None
        return self._chunk({"index": number, **content, "logprobs": scores, "finish_reason": piece.finish_reason})

    def write_usage(self, counts: Counts) -> dict[str, Any]:
        """Return the chunk after the last one: the counts of tokens."""
        return {**self._head(whole=False), "choices": [], "usage": counts.describe()}

    def _chunk(self, choice: dict[str, Any]) -> dict[str, Any]:
        return {**self._head(whole=False), "choices": [choice]}

    def _head(self, whole: bool) -> dict[str, Any]:
        kind = ("chat.completion" if whole else "chat.completion.chunk") if self.chat else "text_completion"
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _write_scores(self, scores: Sequence[TokenScore], offset: int) -> dict[str, Any]:
        if self.chat:
            return {"content": [self._describe_score(score) for score in scores], "refusal": None}
        tokens = [self._decode(score.token) for score in scores]
        offsets = []
        for token in tokens:
            offsets.append(offset)
            offset += len(token)
        likeliest = [{self._decode(token): log for token, log in score.likeliest} for score in scores]
        logs = [score.log_probability for score in scores]
        return {"tokens": tokens, "token_logprobs": logs, "top_logprobs": likeliest, "text_offset": offsets}

    def _describe_score(self, score: TokenScore) -> dict[str, Any]:
        likeliest = [self._describe(token, log) for token, log in score.likeliest]
        return {**self._describe(score.token, score.log_probability), "top_logprobs": likeliest}

    def _describe(self, token: int, log_probability: float) -> dict[str, Any]:
        text = self._decode(token)
        return {"token": text, "logprob": log_probability, "bytes": list(text.encode())}

    def _decode(self, token: int) -> str:
        return self.tokenizer.decode([token])


@dataclass
class Text:
    """A text as it grows.

    Attributes
    ----------
    content : str
        What is there of it.
    scored : bool
        Whether scores were asked for.
    scores : list of TokenScore
        Those so far.
    finish_reason : str or None
        Why it ended.
    """

    content: str = ""
    scored: bool = False
    scores: list[TokenScore] = field(default_factory=list)
    finish_reason: str | None = None

    def add(self, piece: Piece) -> None:
        """Append a piece."""
        self.content += piece.text
        self.scores.extend(piece.scores)
        self.finish_reason = piece.finish_reason
