"""With caches, the tokens are those of the step; at temperature 0 they are those of the target alone."""

from functools import partial
from itertools import islice

import pytest
import torch

from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import quantise_layers
from groundup.models.speculative_decoding import generate_speculatively
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.speculative import next_probabilities, speculate


def make_model(seed, **settings):
    torch.manual_seed(seed)
    model = GPT(
        GPTSettings(**{"vocabulary": 7, "context": 40, "layers": 1, "heads": 2, "width": 16, **settings})
    ).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model.requires_grad_(False)


@pytest.mark.parametrize("guesses", [0, 1, 4])
def test_the_tokens_are_those_of_the_step(guesses):
    target, draft = make_model(0).double(), make_model(1, preset="classic").double()
    seeds = [torch.Generator().manual_seed(3) for _ in range(2)]
    options = {"probabilities": next_probabilities, "guesses": guesses}
    expected = list(islice(speculate(target, draft, [1, 2], generator=seeds[0], **options), 25))
    found = generate_speculatively(Decoder(target), Decoder(draft), [1, 2], 30, generator=seeds[1], **options)
    # So near its end, the second one would guess fewer tokens ahead.
    assert list(islice(found, 25)) == expected


@pytest.mark.parametrize("context", [40, 12, 1], ids=lambda size: f"draft of context {size}")
@pytest.mark.parametrize("other", ["other weights", "same weights", "quantised target"])
def test_without_temperature_the_text_is_the_targets(context, other):
    """Also when both windows slide, and the prompt is longer than either."""
    target = make_model(0, context=16, width=32)
    draft = make_model(0 if other == "same weights" else 1, context=context, width=32)
    if other == "quantised target":
        quantise_layers(target)
    for prompt in ([1], [1, 2, 3, 4, 5, 6] * 8):
        expected = list(target.generate(prompt, 40, temperature=0, engine=Decoder))
        likely = partial(next_probabilities, temperature=0)
        assert list(generate_speculatively(Decoder(target), Decoder(draft), prompt, 40, likely)) == expected


def test_a_good_draft_saves_passes(monkeypatch):
    target = make_model(0)
    decoder, calls = Decoder(target), []
    extend = decoder.extend
    monkeypatch.setattr(decoder, "extend", lambda tokens: calls.append(len(tokens)) or extend(tokens))
    list(generate_speculatively(decoder, Decoder(target), [1], 31, next_probabilities, guesses=4))
    # 30 tokens in passes of 5 each, and one more.
    assert len(calls) <= 7
