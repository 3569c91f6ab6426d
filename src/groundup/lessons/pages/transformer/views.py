"""What the lesson's views show: a whole GPT at work, turned positions, one score to the last product, parts' worth."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.lessons.origins import Factor, trace_score, trace_softmax, trace_sum
from groundup.lessons.pages.transformer.following import BOXES, follow_vector
from groundup.lessons.reading import number_characters
from groundup.lessons.trained import OpenedGPT, open_newest_gpt, tell_waiting
from groundup.lessons.views import Slider, Switch, TextBox, View
from groundup.models.attention_maps import catch_inputs, head_queries_and_keys, head_weights
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.steps.c6_gpt.gpt_training import next_token_loss
from groundup.steps.c6_gpt.normalisation import LayerNorm
from groundup.steps.c6_gpt.plain_gpt import PlainBlock, PlainGPT
from groundup.steps.c6_gpt.positions import place_angles, rotary_table, rotate
from groundup.steps.c7_beyond.ablation import Part, switched_off
from groundup.steps.c7_beyond.experts import balance_loss, choose_experts, count_choices
from groundup.steps.c7_beyond.logit_lens import read_stream, recorded_stream
from groundup.tasks.gpt.runs import encode_prompt

PROMPT = "Where is my lor"
MOST_TOKENS = 16
MOST_STRIP = 32
GUESSES, LIKELIEST = 3, 7  # tokens shown after each block, and at the end
EXPERTS, ROUTED = 4, 8
PAIRS, BASE = 4, 16.0  # with this base, each pair turns half as far as the one before it
MOST_PLACES, MOST_APART, MOST_BACK = 40, 24, 8


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


@tell_waiting
@torch.inference_mode()
def compute_path(text: str, off: str, token: int) -> dict[str, Any]:
    """Return the whole way from a text to the next token.

    Returns
    -------
    dict
        ``tokens`` and ``numbers``, T each; ``token``, the chosen one, from 0; ``strips``, for the embedding and after
        each block T rows of at most 32 of the C channels; ``weights``, H×T×T per block; ``added``, per block the sizes
        of what attention and feed-forward add to each token; ``lens``, the likeliest next tokens after the embedding
        and each block; ``next``, those of the whole model; ``whole``, those with nothing switched off; ``losses``: the
        mean loss on the text's own tokens now, and with nothing switched off; ``off``: the heads, attentions and
        feed-forwards that are; ``sizes``; ``origins``, as of `trace_guesses`; ``whose``; ``says``.
    """
    opened = open_newest_gpt()
    settings = opened.model.settings
    switched = Off.read(off, settings.layers, settings.heads)
    tokens = encode_prompt(text, opened.tokenizer)[-min(MOST_TOKENS, settings.context) :]
    found = trace(opened, tokens, switched)
    chosen = min(token or len(tokens), len(tokens)) - 1
    whole = found if switched == Off() else trace(opened, tokens, Off())
    every = -(-settings.width // MOST_STRIP)
    lens = [read_stream(opened.model, level[chosen]).float() for level in found.stream]
    texts = [opened.tokenizer.decode([number]) for number in tokens]
    origins = trace_guesses(opened, found, chosen)
    after, before = guess(opened, found.logits[chosen], LIKELIEST), guess(opened, whole.logits[chosen], LIKELIEST)
    name = f"After “{texts[chosen]}”" if texts[chosen].strip() else "Then"
    told = f"{name} the likeliest next token is “{after[0]['text']}” with {after[0]['p']:.0%}."
    losses = [measure_text(one, tokens) for one in (found, whole)]
    if whole is not found:
        told += f" With all parts on it is “{before[0]['text']}” with {before[0]['p']:.0%}."
    if len(tokens) > 1:
        told += f" Mean loss on this text: {losses[0]:.2f}"
        told += f", with all parts on {losses[1]:.2f}." if whole is not found else "."
    return {
        "tokens": texts,
        "numbers": tokens,
        "token": chosen,
        "strips": [level[:, ::every].float() for level in found.stream],
        "weights": [weights.float().numpy().round(3) for weights in found.weights],
        "added": [[part.float().norm(dim=1) for part in parts] for parts in found.added],
        "lens": [guess(opened, logits, GUESSES) for logits in lens],
        "next": after,
        "whole": before,
        "losses": losses,
        "off": {
            "heads": [[layer + 1, head + 1] for layer, head in sorted(switched.heads)],
            "attention": sorted(layer + 1 for layer in switched.attention),
            "feed_forward": sorted(layer + 1 for layer in switched.feed_forward),
            "positions": switched.positions,
        },
        "sizes": {"C": settings.width, "d": settings.head_width, "V": settings.vocabulary},
        "origins": origins,
        "whose": opened.whose,
        "says": f"{told} {opened.whose}",
    }


def measure_text(found: Trace, tokens: list[int]) -> float | None:
    """Return the mean loss at which a text's tokens were predicted, each from those before it; None for one token."""
    if len(tokens) < 2:
        return None
    return float(nn.functional.cross_entropy(found.logits[:-1], torch.tensor(tokens[1:])))


def trace_guesses(opened: OpenedGPT, found: Trace, place: int) -> dict[str, dict[str, Any]]:
    """Return where the probabilities of the likeliest tokens come from: from what each part of the model adds.

    For a given size, which the last norm divides by, norm and output layer are linear: so a logit is a sum over all
    parts that wrote into the stream.

    Returns
    -------
    dict
        For p and z with the level (0 for the embedding, then the blocks) and the place among the likeliest, from 1: the
        probability and the logit. For p and z with ``next`` the same of the whole model's likeliest ones.
    """
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
    origins: dict[str, dict[str, Any]] = {}

    def trace_level(level: int, count: int, key: str) -> None:
        logits = read_stream(opened.model, found.stream[level][place]).float()
        likeliest = logits.topk(min(count, len(logits))).indices.tolist()
        x = rows[: 2 * level + 1].sum(dim=0)
        square = float(x.square().mean() + norm.epsilon)
        size = Factor("size", math.sqrt(square), f"size{key}", over=True)
        squares = [Factor(f"mean of the squares of its {len(x)} numbers", square)]
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
                for part, share in zip(names[: 2 * level + 1], shares[:, token], strict=False)
            ]
            if bias[token]:
                terms.append([Factor("bias", float(bias[token]))])
            origins[f"z{key}{rank}"] = trace_sum(f"score (logit) of {name}", float(logits[token]), *terms)

    for level in range(len(found.stream)):
        trace_level(level, GUESSES, f"{level}_")
    trace_level(len(found.stream) - 1, LIKELIEST, "next")
    return origins


def quote(token: str) -> str:
    """Return a token in quotation marks, with signs for blanks and line ends."""
    return f"“{token.replace(' ', '␣').replace(chr(10), '⏎')}”"


@tell_waiting
@torch.inference_mode()
def compute_zoom(text: str, block: int, head: int, query: int, key: int) -> dict[str, Any]:
    """Return one attention score of a model, product by product.

    Returns
    -------
    dict
        ``tokens``; ``block``, ``head``, ``query`` and ``key``, from 0, as far as there are so many; ``q``, ``k`` and
        ``products``, d each; ``score``, their sum; ``scaled``, divided by √d; ``scores`` and ``weights`` of the query
        with every key up to it; ``origins``; ``says``.
    """
    opened = open_newest_gpt()
    tokens = encode_prompt(text, opened.tokenizer)[-min(MOST_TOKENS, opened.model.settings.context) :]
    texts = [opened.tokenizer.decode([number]) for number in tokens]
    caught = catch_inputs(opened.model, tokens)
    layer = min(block, len(caught)) - 1
    queries, keys = (part[0].float() for part in head_queries_and_keys(*caught[layer]))
    number = min(head, len(queries)) - 1
    row = min(query, len(tokens)) - 1
    column = min(key - 1, row)
    q, k = queries[number, row], keys[number, column]
    size = math.sqrt(len(q))
    scores = keys[number, : row + 1] @ q / size
    weights = head_weights(*caught[layer])[0, number, row, : row + 1].float()
    score = float(q @ k)
    places = [f"{place}, {quote(text)}" for place, text in enumerate(texts[: row + 1], 1)]
    origins = trace_softmax("weight on token", weights.tolist(), scores.tolist(), ("w", "s"), places)
    for place, one in enumerate(keys[number, : row + 1], 1):
        keys_of = ("q", "k") if place == column + 1 else ("", "")
        origins[f"s{place}"] = trace_score(f"score of token {places[place - 1]}", q.tolist(), one.tolist(), keys_of)
    shown = [quote(text) for text in texts]
    return {
        "tokens": texts,
        "block": layer,
        "head": number,
        "query": row,
        "key": column,
        "q": q,
        "k": k,
        "products": q * k,
        "score": score,
        "scaled": score / size,
        "scores": scores,
        "weights": weights,
        "origins": origins,
        "says": f"Head {layer + 1}.{number + 1}: token {row + 1}, {shown[row]}, looks at token {column + 1}, "
        f"{shown[column]}. {len(q)} products add up to {score:.3g}. Divided by √{len(q)} = {size:.3g} that is "
        f"{score / size:.3g}, and the softmax over {row + 1} scores makes it {float(weights[column]):.1%}.",
    }


BLOCKS, WIDTH, CONTEXT, BATCH, RATE, STEPS = 6, 32, 32, 16, 3e-3, 240
DECAY, MOST_READ = 0.01, 200_000


@cache
def read_characters() -> tuple[CharacterVocabulary, Int[Tensor, " token"]]:
    """Return the beginning of the built-in text as characters: the vocabulary and the numbers."""
    content = read_text("python-reference").content[:MOST_READ]
    characters = CharacterVocabulary(content)
    return characters, number_characters(characters, content)


class SwitchedBlock(nn.Module):
    """The step's block with parts left out."""

    def __init__(self, block: PlainBlock, residual: bool, norm: bool, attention: bool, feed_forward: bool) -> None:
        super().__init__()
        self.block, self.residual, self.norm = block, residual, norm
        self.attention, self.feed_forward = attention, feed_forward

    def forward(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        """Return the stream after this block."""
        block = self.block
        for wanted, norm, part in (
            (self.attention, block.first_norm, block.attention),
            (self.feed_forward, block.second_norm, block.feed_forward),
        ):
            if wanted:
                added = part(norm(x) if self.norm else x)
                x = x + added if self.residual else added
        return x


def build(vocabulary: int, residual: bool, norm: bool, attention: bool, feed_forward: bool) -> PlainGPT:
    """Return a small plain GPT without the parts that are off; the first weights are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = PlainGPT(vocabulary, CONTEXT, WIDTH, BLOCKS, heads=4, dropout=0.0)
    model.blocks = nn.ModuleList(
        SwitchedBlock(block, residual, norm, attention, feed_forward)
        for block in model.blocks
        if isinstance(block, PlainBlock)
    )
    return model


def measure_gradients(model: PlainGPT) -> list[float]:
    """Return the size of each block's gradient, the first block first."""
    sizes = []
    for block in model.blocks:
        slopes = [parameter.grad.square().sum() for parameter in block.parameters() if parameter.grad is not None]
        sizes.append(float(torch.stack(slopes).sum().sqrt()) if slopes else 0.0)
    return sizes


def train_both(residual: bool, norm: bool, attention: bool, feed_forward: bool) -> Iterator[dict[str, Any]]:
    """Train the complete model and the one without some parts on the same batches, a frame for every second step.

    Yields
    ------
    dict
        ``step``, ``steps``; ``losses``: for each frame so far the step and both losses, the complete model's first;
        ``gradients``: the size of each block's gradient in both; ``letters``, the loss of a model that knows how often
        each character occurs; ``off``; ``says``.
    """
    characters, data = read_characters()
    shares = torch.bincount(data).double() / len(data)
    letters = float(-(shares * shares.clamp(min=1e-12).log()).sum())
    models = (
        build(len(characters), True, True, True, True),
        build(len(characters), residual, norm, attention, feed_forward),
    )
    optimizers = [Adam(model.parameters(), RATE, weight_decay=DECAY) for model in models]
    generator = torch.Generator().manual_seed(1)
    names = {"residual": residual, "norm": norm, "attention": attention, "feed-forward": feed_forward}
    off = [name for name, on in names.items() if not on]
    losses: list[list[float]] = []
    without = f"without {' and '.join(off)}" if off else "the same, since nothing is switched off"
    for step in range(STEPS + 1):
        inputs, targets = create_batches(data, CONTEXT, BATCH, generator)
        row = [float(step)]
        for model, optimizer in zip(models, optimizers, strict=True):
            optimizer.zero_grad()
            loss = next_token_loss(model, inputs, targets)
            loss.backward()
            row.append(loss.item())
            optimizer.step()
        losses.append(row)
        if step % 2 == 0:
            recent = [sum(row[1 + which] for row in losses[-10:]) / len(losses[-10:]) for which in (0, 1)]
            yield {
                "step": step,
                "steps": STEPS,
                "losses": losses[::2],
                "gradients": [measure_gradients(model) for model in models],
                "letters": letters,
                "off": off,
                "says": f"Step {step} of {STEPS}. Loss: complete {recent[0]:.2f}, {without} {recent[1]:.2f}.",
            }


def compute_turning(place: int, apart: int, back: int) -> dict[str, Any]:
    """Return how positions turn the pairs of a key and of a query, and the score of the two at every distance.

    Parameters
    ----------
    place : int
        The position of the key's token.
    apart : int
        How many positions later the query's token stands.
    back : int
        The distance for which the head's weights turned the query back before.

    Returns
    -------
    dict
        ``degrees``, how far each pair turns per position; ``key`` and ``query``, the two numbers of each turned pair;
        ``products``, one per pair; ``score``, their sum; ``curve``, the score at each distance from 0 to 24, wherever
        the key stands; ``origins``: where the products come from; ``says``.
    """
    cosines, sines = rotary_table(MOST_PLACES + MOST_APART + 1, 2 * PAIRS, BASE)
    directions = torch.tensor([0.3, 1.2, 2.4, -0.8])
    content = torch.cat([directions.cos(), directions.sin()])[None]
    turned_back = rotate(content, cosines[back : back + 1], -sines[back : back + 1])

    def turn(vector: Float[Tensor, "1 channel"], position: int) -> Float[Tensor, "1 channel"]:
        return rotate(vector, cosines[position : position + 1], sines[position : position + 1])

    key, query = turn(content, place), turn(turned_back, place + apart)
    products = (key * query).reshape(2, PAIRS).sum(dim=0)
    terms = " + ".join(f"{product:.2f}" for product in products).replace("+ -", "− ")
    scores = [float((key * turn(turned_back, place + later)).sum()) for later in range(MOST_APART + 1)]
    ends = (key * query).flatten().tolist(), key.flatten().tolist(), query.flatten().tolist()
    origins = {}
    for pair, product in enumerate(products.tolist()):
        parts = [
            [Factor(f"query {side}", ends[2][at]), Factor(f"key {side}", ends[1][at])]
            for side, at in (("x", pair), ("y", pair + PAIRS))
        ]
        origins[f"m{pair + 1}"] = trace_sum(f"product of pair {pair + 1}", product, *parts)
    return {
        "degrees": place_angles(torch.tensor([1]), 2 * PAIRS, BASE)[0].rad2deg(),
        "key": key.reshape(2, PAIRS).T,
        "query": query.reshape(2, PAIRS).T,
        "products": products,
        "score": float(products.sum()),
        "origins": origins,
        "curve": list(enumerate(scores)),
        "says": f"The key stands at position {place}, the query at {place + apart}: {apart} later. "
        f"The {PAIRS} pairs give {terms} = {products.sum():.2f}.",
    }


def compute_experts(used: int, favour: float) -> dict[str, Any]:
    """Return which experts eight tokens use, with what weights, and how evenly the experts are used.

    Parameters
    ----------
    used : int
        How many of the four experts each token uses.
    favour : float
        What is added to every score of expert 1.

    Returns
    -------
    dict
        ``weights``, one row per token, one column per expert, 0 where it is not used; ``shares`` f and
        ``probabilities`` P, one per expert; ``balance``, the balance loss; ``origins``: where all but the last come
        from; ``says``.
    """
    scores = torch.randn(ROUTED, EXPERTS, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    scores[:, 0] += favour
    weights, chosen = choose_experts(scores, used)
    shares = count_choices(chosen, EXPERTS)
    balance = float(balance_loss(scores, chosen))
    most = int(shares.argmax())
    probabilities = scores.softmax(dim=-1)
    origins: dict[str, Any] = {}
    for token in range(ROUTED):
        places = chosen[token].sort().values
        of = weights[token][chosen[token].argsort()].tolist(), scores[token, places].tolist()
        names = [f"expert {place + 1}" for place in places.tolist()]
        origins |= trace_softmax("weight of", *of, (f"t{token}w", f"t{token}s"), names)
    for expert in range(EXPERTS):
        count, mean = int((chosen == expert).sum()), [float(row[expert]) for row in probabilities]
        all_choices = Factor("all choices", float(chosen.numel()), over=True)
        share = [Factor("tokens that chose it", float(count)), all_choices]
        origins[f"f{expert}"] = trace_sum(f"share of expert {expert + 1}", float(shares[expert]), share)
        over = Factor("tokens", float(ROUTED), over=True)
        terms = [[Factor(f"token {token + 1}", one), over] for token, one in enumerate(mean)]
        origins[f"P{expert}"] = trace_sum(f"mean probability of expert {expert + 1}", sum(mean) / ROUTED, *terms)
    return {
        "origins": origins,
        "weights": torch.zeros_like(scores).scatter(1, chosen, weights),
        "shares": shares,
        "probabilities": probabilities.mean(dim=0),
        "balance": balance,
        "says": f"Each token is computed by {used} of {EXPERTS} experts. Expert {most + 1} gets {shares[most]:.0%} of "
        f"all choices. The balance loss is {balance:.3f}; it is 1 where all are used alike.",
    }


TEXT = TextBox("text", "the text", PROMPT, most=120)
VIEWS = {
    "path": View(
        "A whole GPT, from the text to the next token",
        compute_path,
        (
            TEXT,
            TextBox("off", "switched off", "", most=200, example="e.g. head 1.2, block 2"),
            Slider("token", "token", 0, low=0, high=MOST_TOKENS, step=1, hidden=True),
        ),
        lazy=True,
    ),
    "turning": View(
        "A key and a query, turned by their positions",
        compute_turning,
        (
            Slider("place", "position of the key", 4, low=0, high=MOST_PLACES, step=1, plays=True),
            Slider("apart", "distance of the query", 3, low=0, high=MOST_APART, step=1),
            Slider("back", "distance of the best match", 0, low=0, high=MOST_BACK, step=1),
        ),
    ),
    "follow": View(
        "One vector on its way through one block",
        follow_vector,
        (
            TEXT,
            Slider("box", "box", 1, low=1, high=len(BOXES), step=1, plays=True),
            Slider("block", "block", 1, low=1, high=12, step=1),
            Slider("token", "token", 15, low=1, high=MOST_TOKENS, step=1),
        ),
        lazy=True,
    ),
    "ablation": View(
        "Two GPTs in training, one of them without some parts",
        train_both,
        (
            Switch("residual", "residual", False),
            Switch("norm", "norm", True),
            Switch("attention", "attention", True),
            Switch("feed_forward", "feed-forward", True),
        ),
        stream=True,
        lazy=True,
    ),
    "zoom": View(
        "One score of attention, product by product",
        compute_zoom,
        (
            TEXT,
            Slider("query", "query of token", 15, low=1, high=MOST_TOKENS, step=1),
            Slider("key", "key of token", 14, low=1, high=MOST_TOKENS, step=1),
            Slider("block", "block", 1, low=1, high=12, step=1),
            Slider("head", "head", 1, low=1, high=12, step=1),
        ),
        lazy=True,
    ),
    "experts": View(
        "Eight tokens and the experts that they use",
        compute_experts,
        (
            Slider("used", "experts per token k", 2, low=1, high=EXPERTS, step=1),
            Slider("favour", "added to scores of expert 1", 0.0, low=-3.0, high=3.0, step=0.25),
        ),
    ),
}
