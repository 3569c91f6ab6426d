"""The gpt job beside its peers, in one run on one machine.

Run ``python benchmarks/gpt.py --data input.txt [--nanogpt CLONE] [--skip PARTS] [--json]``.

1. Training to 1.88 nats a character of tiny Shakespeare's whole validation text, imports and all, beside Hugging
   Face transformers' GPT-2 of the same shape under a plain AdamW float32 loop with nanoGPT's hyper-parameters, and
   beside nanoGPT itself where the path of a clone is given (it is copied, never changed).
2. The loss that 70 seconds and five minutes buy (``--minutes``, everything included).
3. Generation: tokens a second with our decoder and with a loop that shows the whole context again for every token;
   and, for 100 million random weights, the time of a token beside the time to read the weights once.
4. Training throughput on the device there is: tokens a second, and model FLOP utilisation, which is the share of a
   large matrix product's own rate, measured in the same numbers on the same device, that training's operations reach.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import islice
from pathlib import Path

PEER = {"iterations": 2000, "batch_size": 12, "context": 64, "learning_rate": 1e-3, "least": 1e-4, "warm_up": 100}
README_OPTIONS = """--device=cpu --compile=False --eval_iters=20 --log_interval=100 --block_size=64 --batch_size=12
--n_layer=4 --n_head=4 --n_embd=128 --max_iters=2000 --lr_decay_iters=2000 --dropout=0.0"""
WHOLE_LOSS = """
import numpy, torch
from model import GPT, GPTConfig
saved = torch.load("out-shakespeare-char/ckpt.pt", map_location="cpu", weights_only=False)
model = GPT(GPTConfig(**saved["model_args"])).eval()
model.load_state_dict(saved["model"])
tokens = torch.from_numpy(numpy.fromfile("data/shakespeare_char/val.bin", dtype=numpy.uint16).astype(numpy.int64))
count = (len(tokens) - 1) // 64
inputs, targets = tokens[: count * 64].view(-1, 64), tokens[1 : count * 64 + 1].view(-1, 64)
with torch.no_grad():
    losses = [model(a, b)[1].item() * len(a) for a, b in zip(inputs.split(256), targets.split(256))]
print("whole", sum(losses) / count)
"""


def timed(command, folder, **options) -> tuple[float, str]:
    started = time.perf_counter()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    seconds = time.perf_counter() - started
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")
    return seconds, result.stdout


def train_ours(data: Path, folder: Path, *options: str) -> dict[str, float]:
    command = [sys.executable, "-m", "groundup", "train", "gpt", "--data", str(data), "--json", *options]
    seconds, output = timed(command, folder)
    report = json.loads(output)
    kept = ("validation_loss", "best_validation_loss", "steps", "weights")
    return {"process_seconds": seconds, **{name: report[name] for name in kept}}


def train_peer(data: Path) -> None:
    """Train transformers' GPT-2 as nanoGPT's README trains its own model on a CPU; print its figures as JSON."""
    import numpy as np
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    from groundup.data.corpus.windows import TokenRow, measuring_windows
    from groundup.training.schedules import cosine

    text = data.read_bytes().decode()
    places = {character: place for place, character in enumerate(sorted(set(text)))}
    tokens = np.array([places[character] for character in text])
    training, validation = (
        torch.from_numpy(tokens[: int(0.9 * len(tokens))]),
        TokenRow(tokens[int(0.9 * len(tokens)) :]),
    )
    torch.manual_seed(1337)
    sizes = {"n_positions": PEER["context"], "n_embd": 128, "n_layer": 4, "n_head": 4}
    no_dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(places), **sizes, **no_dropout))
    matrices = [weight for weight in model.parameters() if weight.ndim >= 2]
    vectors = [weight for weight in model.parameters() if weight.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=PEER["learning_rate"], betas=(0.9, 0.99))
    factor = cosine(PEER["warm_up"] / PEER["iterations"], PEER["least"] / PEER["learning_rate"])
    offsets = torch.arange(PEER["context"] + 1)
    started = time.perf_counter()
    for step in range(PEER["iterations"]):
        for group in optimizer.param_groups:
            group["lr"] = PEER["learning_rate"] * factor(step / PEER["iterations"])
        starts = torch.randint(len(training) - PEER["context"], (PEER["batch_size"], 1))
        windows = training[starts + offsets]
        logits = model(windows[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    seconds = time.perf_counter() - started
    model.eval()
    total = 0.0
    with torch.inference_mode():
        for inputs, targets in measuring_windows(validation, PEER["context"], 256):
            logits = model(inputs).logits.flatten(0, 1)
            total += float(torch.nn.functional.cross_entropy(logits, targets.flatten(), reduction="sum"))
    print(
        json.dumps({"training_seconds": seconds, "validation_loss": total / (len(tokens) - int(0.9 * len(tokens)) - 1)})
    )


def train_nanogpt(clone: Path, data: Path, folder: Path) -> dict[str, float]:
    copy = folder / "nanogpt"
    shutil.copytree(clone, copy, ignore=shutil.ignore_patterns(".git"))
    shutil.copy(data, copy / "data" / "shakespeare_char" / "input.txt")
    # Its preparation imports a downloader that it does not need where the text is there.
    prepare = (
        "import runpy, sys, types; sys.modules.setdefault('requests', types.ModuleType('requests')); "
        "runpy.run_path('data/shakespeare_char/prepare.py')"
    )
    timed([sys.executable, "-c", prepare], copy)
    command = [sys.executable, "train.py", "config/train_shakespeare_char.py", *README_OPTIONS.split()]
    # Its default checkpointing keeps the best of its noisy estimates; the last one is the trained model here.
    seconds, _ = timed([*command, "--always_save_checkpoint=True", "--eval_interval=2000"], copy)
    loss = float(timed([sys.executable, "-c", WHOLE_LOSS], copy)[1].split()[-1])
    return {"process_seconds": seconds, "validation_loss": loss}


def compare_training(data: Path, clone: Path | None, folder: Path, settings: list[str], transformers: bool) -> dict:
    found = {"ours": train_ours(data, folder, *settings)}
    ours = found["ours"]
    if transformers:
        command = [sys.executable, str(Path(__file__).resolve()), "--data", str(data), "--peer-only"]
        seconds, output = timed(command, folder, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        found["transformers GPT-2"] = {"process_seconds": seconds, **json.loads(output.splitlines()[-1])}
    if clone is not None:
        found["nanoGPT"] = train_nanogpt(clone, data, folder)
    for name in list(found)[1:]:
        found[name]["times_ours"] = found[name]["process_seconds"] / ours["process_seconds"]
    return found


def seconds_a_token(asked, prompt: int, count: int, context: int) -> float:
    import torch

    from groundup.steps.c5_words.sampling import choose_token, generate_tokens

    generator = torch.Generator().manual_seed(0)
    drawn = generate_tokens(asked, [1] * prompt, context, partial(choose_token, generator=generator, temperature=0.8))
    list(islice(drawn, 5))
    started = time.perf_counter()
    list(islice(drawn, count))
    return (time.perf_counter() - started) / count


def compare_generation() -> dict:
    import torch

    from groundup.models.decoding import Decoder
    from groundup.steps.c5_words.sampling import Recompute
    from groundup.steps.c6_gpt.gpt import GPT
    from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    from groundup.tasks.gpt.runs import threads_to_decode

    found = {}
    for preset in ("modern", "classic"):
        model = GPT(GPTSettings(vocabulary=65, context=256, preset=preset)).eval().requires_grad_(False)
        # From half the context up to it, the window as long on average for both.
        threads = torch.get_num_threads()
        torch.set_num_threads(threads_to_decode(model))
        ours = seconds_a_token(Decoder(model), 128, 120, 256)
        torch.set_num_threads(threads)
        again = seconds_a_token(Recompute(model), 128, 120, 256)
        found[f"small {preset}"] = {"tokens_per_second": 1 / ours, "recomputing": 1 / again, "times": again / ours}
    sizes = {"context": 256, "layers": 12, "heads": 12, "width": 768, "hidden": 2304}
    large = GPT(GPTSettings(vocabulary=8192, **sizes)).eval().requires_grad_(False)
    reading = min(read_once(large) for _ in range(10))
    token = seconds_a_token(Decoder(large), 64, 40, 256)
    gigabytes = sum(weight.nbytes for weight in large.parameters()) / 1e9
    found["large"] = {
        "weights": large.count_weights(),
        "milliseconds_a_token": 1e3 * token,
        "milliseconds_to_read": 1e3 * reading,
        "gigabytes_per_second": gigabytes / reading,
        "times": token / reading,
    }
    return found


def read_once(model) -> float:
    started = time.perf_counter()
    for weight in model.parameters():
        weight.view(-1).sum()
    return time.perf_counter() - started


def measure_throughput(compiled: bool) -> dict:
    import torch

    from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    from groundup.training.device import pick_device

    device = pick_device()
    shapes = {
        "default, context 64, batch 16": (GPTSettings(vocabulary=65, context=64, layers=4, heads=4, width=128), 16),
        "--minutes 5, context 128, batch 16": (
            GPTSettings(vocabulary=65, context=128, layers=6, heads=8, width=256),
            16,
        ),
    }
    if device.type == "cuda":
        large = GPTSettings(vocabulary=50_304, context=1024, layers=12, heads=12, width=768)
        shapes["124 million weights, context 1024, batch 32"] = (large, 32)
    rates = {name: peak_rate(device, name) for name in ("bfloat16", "float32")}
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} CPU threads"
    found: dict = {"device": name, "compiled": compiled, "matrix_product_rate": rates}
    for label, (settings, batch) in shapes.items():
        found[label] = train_throughput(settings, batch, device, compiled, rates)
    return found


def peak_rate(device, name: str, side: int = 4096) -> float:
    """Return the floating-point operations a second of a large matrix product: the best of five."""
    import torch

    from groundup.training.device import wait_for

    left, right = (torch.randn(side, side, device=device).to(getattr(torch, name)) for _ in range(2))
    seconds = []
    for _ in range(6):
        wait_for(device)
        started = time.perf_counter()
        left @ right
        wait_for(device)
        seconds.append(time.perf_counter() - started)
    return 2 * side**3 / min(seconds[1:])


def train_throughput(settings, batch: int, device, compiled: bool, rates: dict[str, float]) -> dict[str, float]:
    """Time training steps; operations a token are 6 a weight in a matrix product, and 12 · layers · width · context."""
    import numpy as np
    import torch

    from groundup.data.corpus.windows import TokenRow, TrainingWindows
    from groundup.tasks.gpt.evaluation import next_token_loss
    from groundup.tasks.gpt.hyperparameters import make_recipe
    from groundup.training.loop import time_step
    from groundup.training.plan import Plan
    from groundup.training.precision import pick_precision

    tokens = TokenRow(np.random.default_rng(0).integers(0, settings.vocabulary, 400_000))
    precision = pick_precision("auto", device.type)

    def place(model) -> None:
        model.to(device)
        if compiled:
            model.compile()

    torch.manual_seed(0)
    recipe = make_recipe(settings, tokens, 1000, precision, place=place)
    windows = TrainingWindows(tokens, settings.context, batch, 0, str(device))
    plan = Plan(
        recipe.model, next_token_loss, recipe.optimizer, windows.batch, 1000, precision=precision, device=device
    )
    seconds = min(time_step(plan, steps=20) for _ in range(3))
    products = sum(weight.numel() for name, weight in recipe.model.named_parameters() if "embedding" not in name)
    if settings.tied:
        products += settings.vocabulary * settings.width
    operations = 6 * products + 12 * settings.layers * settings.width * settings.context
    rate = batch * settings.context / seconds
    return {
        "tokens_per_second": rate,
        "step_milliseconds": 1e3 * seconds,
        "model_flop_utilisation": rate * operations / rates[precision.name],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="tiny Shakespeare's input.txt")
    parser.add_argument("--nanogpt", type=Path, help="a clone of nanoGPT")
    parser.add_argument(
        "--skip", default="", help="of generation, throughput, training, transformers, seventy, minutes"
    )
    parser.add_argument("--settings", default="layers=2,steps=145,batch_size=16", help="how ours trains to 1.88")
    parser.add_argument("--seventy", default="", help="settings for the 70 seconds")
    parser.add_argument("--five", default="", help="settings for the five minutes")
    parser.add_argument("--compile", action="store_true", help="measure the throughput with torch.compile")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    data = options.data.resolve()
    if options.peer_only:
        train_peer(data)
        return

    def pairs(text: str) -> list[str]:
        return [part for pair in text.split(",") if pair for part in ("--set", pair)]

    skipped, found = options.skip.split(","), {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "generation" not in skipped:
            found["generation"] = compare_generation()
        if "throughput" not in skipped:
            found["throughput"] = measure_throughput(options.compile)
        if "training" not in skipped:
            clone = options.nanogpt.resolve() if options.nanogpt else None
            found["training to 1.88"] = compare_training(
                data, clone, folder, pairs(options.settings), "transformers" not in skipped
            )
        if "seventy" not in skipped:
            found["70 seconds"] = train_ours(data, folder, "--minutes", str(70 / 60), *pairs(options.seventy))
        if "minutes" not in skipped:
            found["5 minutes"] = train_ours(data, folder, "--minutes", "5", *pairs(options.five))
    print(json.dumps(found, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
