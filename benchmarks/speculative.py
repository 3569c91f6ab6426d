"""Tokens per second with and without a draft that guesses ahead, for targets of 100 million weights.

    python benchmarks/speculative.py --runs FOLDER --target RUN --draft RUN [--threads 1] [--rounds 3]
    python benchmarks/speculative.py --passes [--threads 1] [--rounds 3]

The target and the draft are trained runs of the same tokens. The target is first made as large as 100 million weights:
layers are added whose outputs are 0, so that it writes exactly what it wrote before, at the cost of the large model. So
as many guesses are kept as with two models that were really trained, and the time is that of the large one. Both forms
take turns in each round; the best of the rounds counts.

With `--passes`, single passes of untrained models of these sizes are timed, in seconds of the processor.
"""

import argparse
import copy
import dataclasses
import time
from functools import partial
from pathlib import Path

import torch

from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import quantise_layers
from groundup.models.speculative_decoding import generate_speculatively
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.speculative import next_probabilities
from groundup.tasks.gpt.runs import encode_prompt, open_gpt
from groundup.tasks.opening import open_run

WEIGHTS = 100_000_000
TOKENS = 64


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--target")
    parser.add_argument("--draft")
    parser.add_argument("--passes", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.passes:
        time_passes(options.rounds)
        return
    if options.target is None or options.draft is None:
        parser.error("--target and --draft are needed, or --passes")
    small, tokenizer, _ = open_gpt(open_run(options.runs, options.target))
    draft, _, _ = open_gpt(open_run(options.runs, options.draft))
    target = grow(small, WEIGHTS)
    prompt = encode_prompt("ROMEO:\n", tokenizer)
    with torch.inference_mode():
        row = torch.tensor([prompt])
        assert torch.allclose(target(row), small(row), atol=1e-4)
    print(f"target {target.count_weights() / 1e6:.0f} million weights, draft {draft.count_weights() / 1e6:.2f} million")
    eight_bits = copy.deepcopy(target)
    quantise_layers(eight_bits)
    for name, model in (("float32", target), ("int8", eight_bits)):
        for temperature in (0.0, 0.8):
            measure(name, Decoder(model), Decoder(draft), prompt, temperature, options.rounds)


def grow(model, weights):
    """Return a model that computes the same with at least so many weights: the new blocks add 0 to the stream."""
    blocks = model.blocks
    per_block = sum(parameter.numel() for parameter in blocks[0].parameters())
    more = -(-(weights - model.count_weights()) // per_block)
    large = GPT(dataclasses.replace(model.settings, layers=len(blocks) + more)).eval().requires_grad_(False)
    large.load_state_dict(model.state_dict(), strict=False)
    for block in large.blocks[len(blocks) :]:
        block.attention.output.weight.zero_()
        block.feed_forward.contract.weight.zero_()
    return large


@torch.inference_mode()
def time_passes(rounds):
    """Print how long a pass takes that reads several tokens at once, and a guess, beside a pass that writes one."""
    sizes = {"vocabulary": 65, "context": 256}
    small = GPT(GPTSettings(**sizes, layers=3, heads=3, width=192)).eval().requires_grad_(False)
    target = Decoder(grow(small, WEIGHTS))
    draft = Decoder(GPT(GPTSettings(**sizes, layers=1, heads=4, width=128)).eval().requires_grad_(False))
    prompt = [number % sizes["vocabulary"] for number in range(40)]
    for decoder in (target, draft):
        decoder.extend(prompt)
    forms = {
        "one token, written": (target, 1, lambda: target.decode(1)),
        **{f"{count} tokens, read": (target, 1, partial(target.extend, [1] * count)) for count in (1, 2, 3, 4, 5, 7)},
        "a guess": (draft, 50, lambda: draft.decode(1)),
    }
    best = dict.fromkeys(forms, float("inf"))
    for _ in range(rounds):
        for name, (decoder, times, run) in forms.items():
            begun = time.process_time()
            for _ in range(times):
                run()
                decoder.cache.length = len(prompt)
            best[name] = min(best[name], (time.process_time() - begun) / times)
    one = best["one token, written"]
    for name, seconds in best.items():
        print(f"{name:18} {1000 * seconds:7.2f} ms, {seconds / one:.4f} ×")


def measure(name, target, draft, prompt, temperature, rounds):
    likely = partial(next_probabilities, temperature=temperature)
    best, passes = {}, {}
    for number in range(rounds):
        for guesses in (0, 2, 3, 4, 6):
            generator = torch.Generator().manual_seed(number)
            before = Counted(target)
            drawn = generate_speculatively(before, draft, prompt, TOKENS, likely, generator, guesses)
            next(drawn)
            begun, counted = time.perf_counter(), before.passes
            count = sum(1 for _ in drawn)
            speed = count / (time.perf_counter() - begun)
            best[guesses] = max(best.get(guesses, 0.0), speed)
            passes[guesses] = count / max(1, before.passes - counted)
    for guesses, speed in best.items():
        told = "alone" if guesses == 0 else f"{guesses} guesses"
        ratio = speed / best[0]
        print(f"{name} at {temperature}: {told:9} {speed:6.1f} tokens/s, {ratio:.2f} ×, {passes[guesses]:.2f} per pass")


class Counted:
    """A decoder that counts the passes of its model."""

    def __init__(self, decoder):
        self.decoder, self.passes = decoder, 0
        self.model, self.cache = decoder.model, decoder.cache

    def decode(self, token):
        """Count one pass, and do what the decoder does."""
        self.passes += 1
        return self.decoder.decode(token)

    def extend(self, tokens):
        """Count one pass, and do what the decoder does."""
        self.passes += 1
        return self.decoder.extend(tokens)


if __name__ == "__main__":
    main()
