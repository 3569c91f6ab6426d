"""Processor seconds to switch every part of a GPT off: with one pass per part, as the step does, and many at once.

    python benchmarks/looking_inside.py [--threads 1] [--rounds 3]

The weights are random: the time does not depend on their values. Both take turns; the best of the rounds counts.
"""

import argparse
import time

import torch

from groundup.models.part_losses import measure_parts
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.gpt_training import next_token_loss
from groundup.steps.c7_beyond.ablation import list_parts, switched_off

# The default GPT reads as many characters as the command measures; a deeper one reads a sentence.
SIZES = {
    "4 blocks, 4 heads": (GPTSettings(vocabulary=65, context=64, layers=4, heads=4, width=128), 64),
    "12 blocks, 6 heads": (GPTSettings(vocabulary=1024, context=64, layers=12, heads=6, width=192), 1),
}


@torch.inference_mode()
def measure_one_by_one(model, inputs, targets):
    for part in list_parts(model):
        with switched_off(model, [part]):
            next_token_loss(model, inputs, targets)


def measure(function):
    started = time.process_time()
    function()
    return time.process_time() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name, (settings, windows) in SIZES.items():
        model = GPT(settings).eval()
        tokens = torch.randint(settings.vocabulary, (windows, settings.context))
        call = model, tokens, tokens.roll(-1, 1)
        ways = {
            "one pass per part": lambda call=call: measure_one_by_one(*call),
            "many parts at once": lambda call=call: list(measure_parts(*call)),
        }
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(options.rounds):
            for way, function in ways.items():
                best[way] = min(best[way], measure(function))
        told = ", ".join(f"{way} {seconds:.2f} s" for way, seconds in best.items())
        slow, fast = best.values()
        print(
            f"{name}: {len(list_parts(model))} parts, {tokens.numel()} tokens: {told} ({slow / fast:.1f} times)",
            flush=True,
        )


if __name__ == "__main__":
    main()
