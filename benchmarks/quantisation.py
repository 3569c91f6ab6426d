"""Tokens per second of a GPT of 100 million weights in float32, bfloat16 and int8, and of matrix products by rows.

    python benchmarks/quantisation.py [--threads 1] [--rounds 5]

The weights are random: the time does not depend on their values. All forms take turns, so that other work on the
machine meets all of them; the best of the rounds counts.
"""

import argparse
import copy
import time

import torch

from groundup.models import quantised_layers
from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import multiply, quantise_layers
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.quantisation import quantise

PROMPT, TOKENS = [1, 2, 3, 4], 12


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    settings = GPTSettings(vocabulary=10_000, context=256, layers=12, heads=12, width=768)
    model = GPT(settings).eval().requires_grad_(False)
    forms = {"float32": model, "bfloat16": copy.deepcopy(model).bfloat16(), "int8": copy.deepcopy(model)}
    quantise_layers(forms["int8"])
    print(f"{model.count_weights() / 1e6:.0f} million weights, {options.threads} thread(s)")
    best = compare({name: Decoder(form) for name, form in forms.items()}, write, options.rounds)
    for name, seconds in best.items():
        print(f"{name:9} {TOKENS / seconds:6.1f} tokens/s, {best['float32'] / seconds:.2f} × float32")

    print("A product with 12 matrices of 2048 × 768, ms, by rows: with the int8 kernel, and converted")
    pairs = [quantise(torch.randn(2048, 768)) for _ in range(12)]
    for rows in (1, 4, 8, 16, 32, 64):
        x = torch.randn(rows, 768)
        ways = {"kernel": 10**9, "converted": 0}
        found = compare(ways, lambda most, x=x: product(x, pairs, most), options.rounds)
        print(f"{rows:4}" + "".join(f"  {name} {1000 * seconds:6.1f}" for name, seconds in found.items()))


@torch.inference_mode()
def write(decoder):
    decoder.prefill(PROMPT)
    begun = time.perf_counter()
    for token in range(TOKENS):
        decoder.decode(token)
    return time.perf_counter() - begun


@torch.inference_mode()
def product(x, pairs, most):
    quantised_layers.MOST_ROWS = most
    begun = time.perf_counter()
    for numbers, scales in pairs:
        multiply(x, numbers, scales)
    return time.perf_counter() - begun


def compare(forms, measure, rounds):
    best = dict.fromkeys(forms, float("inf"))
    for _ in range(rounds):
        for name, form in forms.items():
            best[name] = min(best[name], measure(form))
    return best


if __name__ == "__main__":
    main()
