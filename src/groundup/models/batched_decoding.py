"""Sampling for many prompts at once: all rows of a batch draw their next token together, through one key-value cache.

`groundup.steps.c6_gpt.generate` continues one text and runs the whole text through the model for every new token. Here
the prompts have one length, so that a single product serves all rows, and only the newest token of each row is
computed: the keys and values of earlier ones are in the cache. Where several samples of a prompt are drawn, the
prompt is computed once, and its keys and values are copied.

With one prompt, one sample and the same random generator, the tokens are those of the step.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from groundup.models.fast_gpt import last_logits
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.gpt import GPT

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "generate": "tests/models/test_batched_decoding.py::test_one_prompt_is_continued_as_the_step_continues_it",
}


@torch.no_grad()
def sample_batch(
    model: GPT,
    prompts: Int[Tensor, "prompt time"],
    tokens: int,
    samples: int = 1,
    greedy: bool = False,
    generator: Generator | None = None,
) -> tuple[Int[Tensor, "sample token"], Float[Tensor, "sample token"]]:
    """Continue every prompt, and return the new tokens and their log-probabilities.

    Parameters
    ----------
    model : GPT
        It is called as it is, so put it into evaluation mode before. Without a cache, as with a learner's own block, it
        reads all tokens again for each new one.
    prompts : Tensor
        int64: token numbers, all prompts of one length.
    tokens : int
        How many tokens each prompt is continued by, at least one; with the prompt no more than the context.
    samples : int
        How many continuations of each prompt; those of one prompt are neighbors in the result.
    greedy : bool
        Whether to take the likeliest token always, instead of drawing.
    generator : Generator, optional
        Draws; torch's global one by default.

    Returns
    -------
    tokens : Tensor
        int64, prompts · samples rows.
    log_probabilities : Tensor
        float32: of each token, given those before it.
    """
    # The cache holds numbers of the weights' own dtype: under autocast others would be put into it.
    with torch.autocast(prompts.device.type, enabled=False):
        cache = model.make_cache(len(prompts), prompts.shape[1] + tokens - 1) if model.has_cache else None
        logits = model(prompts, cache)[:, -1]
        if samples > 1:
            logits, prompts = (values.repeat_interleave(samples, dim=0) for values in (logits, prompts))
            cache = _repeat(cache, samples) if cache is not None else None
        drawn: list[Tensor] = []
        chances: list[Tensor] = []
        for place in range(tokens):
            if place and cache is not None:
                logits = model(drawn[-1], cache)[:, -1]
            elif place:
                logits = last_logits(model, torch.cat([prompts, *drawn], dim=1), 1)[:, 0]
            scores = logits.float().log_softmax(-1)
            if greedy:
                token = scores.argmax(-1, keepdim=True)
            else:
                token = torch.multinomial(scores.exp(), 1, generator=generator)
            drawn.append(token)
            chances.append(scores.gather(-1, token))
    return torch.cat(drawn, dim=1), torch.cat(chances, dim=1)


def _repeat(cache: KeyValueCache, samples: int) -> KeyValueCache:
    """Return a cache in which every sequence stands ``samples`` times."""
    layers, batch, heads, capacity, channel = cache.keys.shape
    wide = KeyValueCache(layers, batch * samples, heads, capacity, channel, cache.keys.dtype, cache.keys.device)
    for ours, theirs in ((wide.keys, cache.keys), (wide.values, cache.values)):
        ours[:, :, :, : cache.length] = theirs[:, :, :, : cache.length].repeat_interleave(samples, dim=1)
    wide.advance(cache.length)
    return wide
