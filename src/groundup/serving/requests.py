"""What clients ask for, in OpenAI's form: read, checked, and turned into orders for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import Shape, either, fields, flag, list_of, maybe, number, one_of, text, whole
from groundup.data.corpus.chat_marks import PlainEncoder, find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.serving.engine import Order
from groundup.serving.transcript import ENDS, write_transcript
from groundup.steps.c7_beyond.chat_template import encode_chat
from groundup.tasks.gpt.runs import LEAST_TEMPERATURE, encode_prompt

MOST_TOKENS = 100_000
MOST_TEXTS = 128  # that one request may ask for
DEFAULT_COMPLETION, DEFAULT_CHAT = 16, 256  # tokens


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not answered, in OpenAI's form.

    Attributes
    ----------
    status : int
        HTTP's.
    message : str
        One line: what is wrong, and what to do.
    code : str or None
        OpenAI's word for it.
    param : str or None
        The field that is wrong.
    """

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param


@dataclass(frozen=True)
class Asked:
    """A request that can be answered.

    Attributes
    ----------
    orders : list of Order
        The texts to write, in the order of their numbers.
    prompt_tokens : int
        How many tokens the prompts have; a prompt that is continued several times counts once.
    stream, usage_in_stream : bool
        Whether pieces are sent as they come, and whether the counts of tokens come last.
    echoes : list of str
        What each text begins with: its prompt, where that was asked for.
    """

    orders: list[Order]
    prompt_tokens: int
    stream: bool
    usage_in_stream: bool
    echoes: list[str]


_TOKENS = list_of(whole(0, 2**31), least=1)
_PROMPT = either(_TOKENS, either(list_of(_TOKENS, least=1), either(list_of(text, least=1), text)))
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "best_of": (None, 1),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logit_bias": (None, {}),
    "suffix": (None, ""),
    "tools": (None, []),
    "functions": (None, []),
    "response_format": (None, {"type": "text"}),
    "modalities": (None, ["text"]),
    "audio": (None,),
}
_SHARED: dict[str, Shape] = {
    "model": text,
    "max_tokens": maybe(whole(1, MOST_TOKENS)),
    "temperature": maybe(number(0, 2)),
    "top_p": maybe(number(0, 1)),
    "n": maybe(whole(1, MOST_TEXTS)),
    "seed": maybe(whole(-(2**63), 2**63 - 1)),
    "stop": maybe(either(list_of(text), text)),
    "stream": maybe(flag),
    "stream_options": maybe(fields({}, {"include_usage": maybe(flag)})),
}
_PART = fields({"type": one_of("text"), "text": text})
_MESSAGE = fields(
    {"role": one_of("system", "developer", "user", "assistant"), "content": either(list_of(_PART), text)},
)
COMPLETION = fields(
    {"model": text, "prompt": maybe(_PROMPT)}, {**_SHARED, "logprobs": maybe(whole(0, 5)), "echo": maybe(flag)}
)
CHAT = fields(
    {"model": text, "messages": list_of(_MESSAGE, least=1)},
    {
        **_SHARED,
        "max_completion_tokens": maybe(whole(1, MOST_TOKENS)),
        "logprobs": maybe(flag),
        "top_logprobs": maybe(whole(0, 20)),
    },
)


def read_completion(asked: Mapping[str, Any], model: str, tokenizer: Tokenizer, context: int) -> Asked:
    """Read the body of ``/v1/completions``.

    Parameters
    ----------
    asked : mapping
        The body.
    model : str
        The only model's name.
    tokenizer : Tokenizer
        Its own.
    context : int
        How many tokens it sees at once.

    Raises
    ------
    Refusal
        It cannot be answered.
    """
    _fit(COMPLETION, asked, model)
    prompt = asked["prompt"] if asked["prompt"] is not None else ""
    several = isinstance(prompt, list) and not isinstance(prompt[0], int)
    prompts = [_encode(one, tokenizer, context, "prompt") for one in (prompt if several else [prompt])]
    order = _read_order(asked, asked.get("max_tokens") or DEFAULT_COMPLETION, asked.get("logprobs"))
    echo = bool(asked.get("echo"))
    if echo and order.scores is not None:
        raise Refusal(400, "echo together with logprobs is not supported: leave one out.", param="echo")
    echoes = [tokenizer.decode(tokens) if echo else "" for tokens in prompts]
    return _spread(asked, order, prompts, echoes)


def read_chat(asked: Mapping[str, Any], model: str, tokenizer: Tokenizer, context: int) -> Asked:
    """Read the body of ``/v1/chat/completions``; parameters and errors as of `read_completion`."""
    _fit(CHAT, asked, model)
    turns = [(message["role"], _join(message["content"])) for message in asked["messages"]]
    most = asked.get("max_completion_tokens") or asked.get("max_tokens") or DEFAULT_CHAT
    marks, ends = find_marks(tokenizer), ENDS
    if marks is None:
        tokens = _encode(write_transcript(turns), tokenizer, context, "messages")
    else:
        tokens, ends = _encode_turns(turns, tokenizer, marks, context), ()
        # Beyond the context the model would forget what it was asked, so its answer ends there.
        most = max(1, min(most, context - len(tokens)))
    if asked.get("top_logprobs") and not asked.get("logprobs"):
        raise Refusal(400, "top_logprobs needs logprobs: true.", param="top_logprobs")
    scores = (asked.get("top_logprobs") or 0) if asked.get("logprobs") else None
    order = _read_order(asked, most, scores)
    return _spread(asked, replace(order, stops=(*order.stops, *ends)), [tokens], [""])


def _fit(shape: Shape, asked: Mapping[str, Any], model: str) -> None:
    for name, neutral in _NEUTRAL.items():
        if name in asked and asked[name] not in neutral:
            raise Refusal(400, f"{name} is not supported: leave it out.", "unsupported_parameter", name)
    try:
        shape(asked, "")
    except ValueError as error:
        message = str(error)
        param = next((name for name in asked if message.startswith(name)), None)
        raise Refusal(400, f"{message[:1].upper()}{message[1:]}.", "invalid_type", param) from error
    if asked["model"] != model:
        raise Refusal(
            404,
            f'There is no model "{asked["model"][:100]}" here; this server has "{model}".',
            "model_not_found",
            "model",
        )


def _read_order(asked: Mapping[str, Any], most: int, scores: int | None) -> Order:
    stop = asked.get("stop")
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if "" in stops or len(stops) > 16 or any(len(one) > 1000 for one in stops):
        raise Refusal(400, "stop: up to 16 texts of 1 to 1,000 characters each are asked for.", param="stop")
    temperature = 1.0 if asked.get("temperature") is None else float(asked["temperature"])
    if temperature < LEAST_TEMPERATURE:
        temperature = 0.0  # closer to 0, the divided logits would overflow; the likeliest token is taken either way
    top_p = asked.get("top_p")
    return Order(
        prompt=(),
        most_tokens=most,
        temperature=temperature,
        # A top_p of 0 keeps the likeliest token alone.
        top_p=None if top_p is None else max(float(top_p), 1e-9),
        seed=asked.get("seed"),
        stops=stops,
        scores=scores,
    )


def _spread(asked: Mapping[str, Any], order: Order, prompts: Sequence[list[int]], echoes: Sequence[str]) -> Asked:
    """Return an order for each prompt and each of its n texts."""
    count = asked.get("n") or 1
    if count * len(prompts) > MOST_TEXTS:
        raise Refusal(400, f"At most {MOST_TEXTS} texts per request: ask for fewer prompts, or a smaller n.", param="n")
    orders = []
    for place in range(count * len(prompts)):
        seed = None if order.seed is None else order.seed + place
        orders.append(replace(order, prompt=tuple(prompts[place // count]), seed=seed))
    options = asked.get("stream_options") or {}
    return Asked(
        orders,
        sum(map(len, prompts)),
        bool(asked.get("stream")),
        bool(options.get("include_usage")),
        [echo for echo in echoes for _ in range(count)],
    )


def _encode(prompt: str | list[int], tokenizer: Tokenizer, context: int, param: str) -> list[int]:
    if isinstance(prompt, str):
        try:
            tokens = encode_prompt(prompt, tokenizer)
        except UserError as error:  # the form is right, but this model cannot read the text
            raise Refusal(422, str(error), "unknown_characters", param) from error
    else:
        tokens = prompt
        if max(tokens) >= tokenizer.size:
            raise Refusal(400, f"{param}: tokens are numbers from 0 to {tokenizer.size - 1}.", param=param)
    return _require_room(tokens, context, param)


def _encode_turns(
    turns: Sequence[tuple[str, str]], tokenizer: Tokenizer, marks: Mapping[str, int], context: int
) -> list[int]:
    """Return a conversation's tokens by the chat template; what was typed is read as text, whatever it looks like."""
    messages = [{"role": "system" if role == "developer" else role, "content": content} for role, content in turns]
    try:
        tokens, _ = encode_chat(messages, _find_encoder(tokenizer), marks, ask=True)
    except UserError as error:
        raise Refusal(422, str(error), "unknown_characters", "messages") from error
    return _require_room(tokens, context, "messages")


# To read a tokenizer of many tokens takes a tenth of a second; a server has one.
_find_encoder = cache(PlainEncoder)


def _require_room(tokens: list[int], context: int, param: str) -> list[int]:
    if len(tokens) > context:
        message = f"{param}: {len(tokens)} tokens, but this model sees at most {context} at once. Shorten it."
        raise Refusal(400, message, "context_length_exceeded", param)
    return tokens


def _join(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
