"""A GPT at work on one text, with any of its parts switched off: what it computes on the way."""

from __future__ import annotations

import math
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from groundup.base.errors import UserError
from groundup.lessons.origins import Factor, trace_softmax, trace_sum
from groundup.lessons.trained import OpenedGPT
from groundup.models.attention_maps import catch_inputs, head_weights
from groundup.steps.c6_gpt.normalisation import LayerNorm
from groundup.steps.c7_beyond.ablation import Part, switched_off
from groundup.steps.c7_beyond.logit_lens import read_stream, recorded_stream
from groundup.tasks.gpt.runs import encode_prompt

PROMPT = "Where is my lor"
MOST_TOKENS = 16
MOST_STRIP = 32
GUESSES, LIKELIEST = 3, 7  # tokens shown after each block, and at the end


def read_tokens(opened: OpenedGPT, text: str) -> list[int]:
    """Return the last tokens of a text, as many as a picture has room for."""
    return encode_prompt(text, opened.tokenizer)[-min(MOST_TOKENS, opened.model.settings.context) :]


@dataclass(frozen=True)
class Off:
    """The parts of a GPT that are switched off; layers and heads are numbered from 0."""

    positions: bool = False
    attention: frozenset[int] = frozenset()
    feed_forward: frozenset[int] = frozenset()
    heads: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def read(cls, text: str, layers: int, heads: int) -> Off:
        """Read what is typed: ``"head 1.2, block 2, positions"``.

        Raises
        ------
        UserError
            Something in it is no part of the model.
        """
        every = frozenset(range(layers))
        positions, attention, feed_forward, single = False, set[int](), set[int](), set[tuple[int, int]]()
        for item in filter(None, (part.strip().lower() for part in re.split(r"[,;]", text))):
            head = re.fullmatch(r"head (\d{1,4})\.(\d{1,4})", item)
            block = re.fullmatch(r"block (\d{1,4})", item)
            if item == "positions":
                positions = True
            elif item == "attention":
                attention |= every
            elif item == "feed-forward":
                feed_forward |= every
            elif block and 1 <= int(block[1]) <= layers:
                attention.add(int(block[1]) - 1)
                feed_forward.add(int(block[1]) - 1)
            elif head and 1 <= int(head[1]) <= layers and 1 <= int(head[2]) <= heads:
                single.add((int(head[1]) - 1, int(head[2]) - 1))
            else:
                raise UserError(
                    f'"{item}" is no part of this model. It has block 1 to block {layers}, head 1.1 to head '
                    f"{layers}.{heads}, positions, attention and feed-forward; write a comma between two."
                )
        return cls(positions, frozenset(attention), frozenset(feed_forward), frozenset(single))

    def list_parts(self) -> list[Part]:
        """Return everything but the positions as the step names it."""
        return [
            *(Part("head", layer, head) for layer, head in self.heads),
            *(Part("attention", layer) for layer in self.attention),
            *(Part("feed-forward", layer) for layer in self.feed_forward),
        ]


@dataclass(frozen=True)
class Trace:
    """What a GPT computes for a text.

    Attributes
    ----------
    stream : list of Tensor
        T×C each: the embedding, then the stream after each block.
    weights : list of Tensor
        The attention weights of each block, H×T×T.
    added : list of tuple of Tensor
        What attention and feed-forward of each block add, T×C each.
    logits : Tensor
        T×V.
    """

    stream: list[Float[Tensor, "time channel"]]
    weights: list[Float[Tensor, "head time time"]]
    added: list[tuple[Tensor, Tensor]]
    logits: Float[Tensor, "time vocabulary"]


@torch.inference_mode()
def trace(opened: OpenedGPT, tokens: list[int], off: Off) -> Trace:
    """Run a GPT with some parts switched off, and keep what it computes on the way.

    Raises
    ------
    UserError
        Its attention is a learner's own part, which cannot be looked into.
    """
    model = opened.model
    weights: list[Tensor] = []
    added: dict[tuple[int, str], Tensor] = {}
    catch_inputs(model, tokens[:1])  # refuses a model that cannot be looked into
    with ExitStack() as hooks:
        hooks.enter_context(switched_off(model, off.list_parts()))
        stream = hooks.enter_context(recorded_stream(model))

        def look(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
            if off.positions and len(inputs) > 1 and inputs[1] is not None:
                cosines, sines = inputs[1]
                inputs = inputs[0], (torch.ones_like(cosines), torch.zeros_like(sines)), *inputs[2:]
            rotary = inputs[1] if len(inputs) > 1 else None
            weights.append(head_weights(module, inputs[0], rotary)[0])  # type: ignore[arg-type]
            return inputs

        for layer, block in enumerate(model.blocks):
            hooks.callback(block.attention.register_forward_pre_hook(look).remove)  # type: ignore[union-attr]
            for name in ("attention", "feed_forward"):

                def keep(_: nn.Module, __: Any, output: Tensor, key: tuple[int, str] = (layer, name)) -> None:
                    added[key] = output[0]

                hooks.callback(getattr(block, name).register_forward_hook(keep).remove)
        changed = {}
        if off.positions and hasattr(model, "position_embedding"):
            changed["position_embedding.weight"] = torch.zeros_like(model.position_embedding.weight)
        logits = functional_call(model, changed, (torch.tensor([tokens]),))[0].float()
    parts = [(added[layer, "attention"], added[layer, "feed_forward"]) for layer in range(len(model.blocks))]
    return Trace([x[0] for x in stream], weights, parts, logits)


def guess(opened: OpenedGPT, logits: Float[Tensor, " vocabulary"], count: int) -> list[dict[str, Any]]:
    """Return the likeliest tokens, ``{"text", "p"}`` each."""
    likeliest = logits.softmax(0).topk(min(count, len(logits)))
    tokens = likeliest.indices.tolist()
    return [
        {"text": opened.tokenizer.decode([token]), "p": p}
        for token, p in zip(tokens, likeliest.values.tolist(), strict=True)
    ]


@dataclass(frozen=True)
class Split:
    """A place's logits, as sums over all parts that wrote into its stream.

    For a given size, by which the last norm divides, norm and output layer are linear.

    Attributes
    ----------
    names : tuple of str
        The parts: the embedding, then attention and feed-forward of each block.
    rows : Tensor
        P×C: what each part adds to the stream, less its mean where the last norm takes the mean away.
    shares : Tensor
        P×V: what each part adds to each logit, before it is divided by the size.
    bias : Tensor
        V: what is added to each logit at the end.
    epsilon : float
        Of the last norm.
    """

    names: tuple[str, ...]
    rows: Float[Tensor, "part channel"]
    shares: Float[Tensor, "part vocabulary"]
    bias: Float[Tensor, " vocabulary"]
    epsilon: float

    def measure_square(self, parts: int) -> float:
        """Return the mean of the squares of the stream after the first parts; its root is the size."""
        return float(self.rows[:parts].sum(dim=0).square().mean() + self.epsilon)


def split_logits(opened: OpenedGPT, found: Trace, place: int) -> Split:
    """Return what each part of a model adds to the logits of one place."""
    norm, output = opened.model.final_norm, opened.model.output
    names = ["embedding"]
    parts = [found.stream[0][place]]
    for block, added in enumerate(found.added, 1):
        names += [f"attention {block}", f"feed-forward {block}"]
        parts += [part[place] for part in added]
    rows = torch.stack(parts)
    centred = isinstance(norm, LayerNorm)
    if centred:
        rows = rows - rows.mean(dim=-1, keepdim=True)
    bias = output(norm.bias if centred else torch.zeros_like(rows[0])).float()
    shares = (output(rows * norm.weight) - output(torch.zeros_like(rows))).float()
    return Split(tuple(names), rows, shares, bias, norm.epsilon)


def trace_guesses(opened: OpenedGPT, found: Trace, place: int) -> dict[str, dict[str, Any]]:
    """Return where the probabilities of the likeliest tokens come from: from what each part of the model adds.

    Returns
    -------
    dict
        For p and z with the level (0 for the embedding, then the blocks) and the place among the likeliest, from 1: the
        probability and the logit. For p and z with ``next`` the same of the whole model's likeliest ones.
    """
    split = split_logits(opened, found, place)
    origins: dict[str, dict[str, Any]] = {}

    def trace_level(level: int, count: int, key: str) -> None:
        logits = read_stream(opened.model, found.stream[level][place]).float()
        likeliest = logits.topk(min(count, len(logits))).indices.tolist()
        parts = 2 * level + 1
        square = split.measure_square(parts)
        size = Factor("size", math.sqrt(square), f"size{key}", over=True)
        squares = [Factor(f"mean of the squares of its {split.rows.shape[1]} numbers", square)]
        origins[size.key] = trace_sum("size of the vector", size.value, squares, then="√(·)")
        rest = torch.ones_like(logits, dtype=torch.bool)
        rest[likeliest] = False
        ordered = torch.cat([logits[likeliest], logits[rest]]).tolist()
        written = [quote(opened.tokenizer.decode([token])) for token in likeliest]
        chances = logits.softmax(0)[likeliest].tolist()
        keys = f"p{key}", f"z{key}"
        origins.update(trace_softmax("probability of", chances, ordered, keys, written))
        for rank, (token, name) in enumerate(zip(likeliest, written, strict=True), 1):
            terms = [
                [Factor(part, float(share), ""), size]
                for part, share in zip(split.names[:parts], split.shares[:, token], strict=False)
            ]
            if split.bias[token]:
                terms.append([Factor("bias", float(split.bias[token]))])
            origins[f"z{key}{rank}"] = trace_sum(f"score (logit) of {name}", float(logits[token]), *terms)

    for level in range(len(found.stream)):
        trace_level(level, GUESSES, f"{level}_")
    trace_level(len(found.stream) - 1, LIKELIEST, "next")
    return origins


def quote(token: str) -> str:
    """Return a token in quotation marks, with signs for blanks and line ends."""
    return f"“{token.replace(' ', '␣').replace(chr(10), '⏎')}”"


def draw_run(opened: OpenedGPT, tokens: list[int], found: Trace, place: int) -> dict[str, Any]:
    """Return what both pictures of a whole GPT show of it.

    Returns
    -------
    dict
        ``tokens`` and ``numbers``, T each; ``token``, the chosen one, from 0; ``strips``, for the embedding and after
        each block T rows of at most 32 of the C channels; ``weights``, H×T×T per block; ``added``, per block the sizes
        of what attention and feed-forward add to each token; ``next``, the likeliest next tokens; ``origins``, as of
        `trace_guesses`; ``whose``.
    """
    every = -(-opened.model.settings.width // MOST_STRIP)
    return {
        "tokens": [opened.tokenizer.decode([number]) for number in tokens],
        "numbers": tokens,
        "token": place,
        "strips": [level[:, ::every].float() for level in found.stream],
        "weights": [weights.float().numpy().round(3) for weights in found.weights],
        "added": [[part.float().norm(dim=1) for part in parts] for parts in found.added],
        "next": guess(opened, found.logits[place], LIKELIEST),
        "origins": trace_guesses(opened, found, place),
        "whose": opened.whose,
    }
