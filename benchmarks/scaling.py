"""What several processes cost and bring, measured here and worked out for machines that are not here.

Run ``python benchmarks/scaling.py [--json]``, on a machine that does nothing else. It measures

1. a training step of the default model at several batch sizes, on one thread: what a step costs whatever it learns
   from (the optimiser, mostly), and what a window costs;
2. the same global batch by one process with two threads, by two processes, and by two processes under PyTorch's
   DistributedDataParallel;
3. the message of a step, of several sizes, between two processes on this machine;

and works out from these how long a step takes with 8, 64 and 1,024 processes: see ``docs/scaling.md``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

BATCHES = (4, 8, 16, 32)
WINDOWS = 32
MESSAGES = (1_000, 100_000, 771_712, 10_000_000)
PROCESSES = (1, 8, 64, 1024)
# What is assumed of a network: bytes a second out of one machine, and seconds until a message's first byte arrives.
NETWORKS = {"10 Gbit/s Ethernet": (1.1e9, 30e-6), "400 Gbit/s InfiniBand": (45e9, 5e-6)}


def build(team=None):
    """Return a plan for the default model on random tokens, its numbers those that training would use."""
    import numpy as np
    import torch

    from groundup.data.corpus.windows import TokenRow, TrainingWindows
    from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    from groundup.tasks.gpt.evaluation import next_token_loss
    from groundup.tasks.gpt.hyperparameters import make_recipe
    from groundup.training.distributed import ProcessGroup
    from groundup.training.plan import Plan
    from groundup.training.precision import pick_precision

    torch.manual_seed(0)
    settings = GPTSettings(vocabulary=65, context=64, layers=4, heads=4, width=128)
    tokens = TokenRow(np.random.default_rng(0).integers(0, 65, 200_000))
    precision = pick_precision("auto")
    recipe = make_recipe(settings, tokens, 1000, precision)
    windows = TrainingWindows(tokens, settings.context, WINDOWS, 0)
    return Plan(
        recipe.model,
        next_token_loss,
        recipe.optimizer,
        windows.batch,
        1000,
        precision=precision,
        team=team or ProcessGroup(),
    )


def time_steps(take_step, count=40, warm_up=5):
    """Return the median seconds of a step."""
    seconds = []
    for _ in range(warm_up + count):
        started = time.perf_counter()
        take_step()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[warm_up:])


def measure_steps(threads):
    """Return the seconds of a step by batch size, in this process."""
    import torch

    from groundup.training.loop import take_step

    torch.set_num_threads(threads)
    plan = build()
    inputs, targets = plan.batches(0)
    plan.model.train()
    return {size: time_steps(lambda size=size: take_step(plan, inputs[:size], targets[:size])) for size in BATCHES}


def work():
    """Measure in one of two processes; the leader prints."""
    import torch
    from torch.distributed import all_reduce, barrier
    from torch.nn.parallel import DistributedDataParallel

    from groundup.tasks.gpt.evaluation import next_token_loss
    from groundup.training.distributed import join_process_group
    from groundup.training.loop import take_step

    team = join_process_group()
    plan = build(team)
    inputs, targets = plan.batches(0)
    plan.model.train()
    found = {"ours": time_steps(lambda: take_step(plan, inputs, targets))}
    peer = build()
    wrapped = DistributedDataParallel(peer.model)
    (rows,) = team.take_rows(WINDOWS)

    def step_peer():
        peer.optimizer.zero_grad()
        with peer.precision.autocast():
            loss = next_token_loss(wrapped(inputs[rows]), targets[rows])
        loss.backward()
        peer.optimizer.step()

    found["DistributedDataParallel"] = time_steps(step_peer)
    messages = {}
    for numbers in MESSAGES:
        message = torch.ones(numbers)
        barrier()
        messages[4 * numbers] = time_steps(lambda message=message: all_reduce(message))
    if team.is_main:
        print(json.dumps({"steps": found, "messages": messages}))


def run_pair():
    """Start two processes of one thread each, and return what they measure."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", __file__, "--work"]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if result.returncode:
        raise SystemExit(result.stderr[-2000:])
    return json.loads(result.stdout)


def work_out(fixed, window, weights, batch, network):
    """Return the seconds of a step by number of processes, each with its share of a global batch.

    A ring sends 2 (n − 1)/n times the message, in 2 (n − 1) parts; from 64 processes on a tree of 2 log₂ n parts is
    faster to begin, and the lesser of the two latencies is taken, as message libraries do.
    """
    rate, latency = NETWORKS[network]
    found = {}
    for count in PROCESSES:
        parts = min(2 * (count - 1), 2 * max(1, count - 1).bit_length())
        message = 2 * (count - 1) / count * 4 * weights / rate + parts * latency
        found[count] = fixed + window * batch / count + message
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work()
        return
    import numpy as np

    one_thread = measure_steps(1)
    two_threads = measure_steps(2)
    pair = run_pair()
    window, fixed = np.polyfit(list(one_thread), list(one_thread.values()), 1)
    weights = build().model.count_weights()
    facts = {
        "step_seconds_one_thread": one_thread,
        "step_seconds_two_threads": two_threads,
        "step_seconds_two_processes": pair["steps"],
        "message_seconds": pair["messages"],
        "fixed_seconds": fixed,
        "window_seconds": window,
        "weights": weights,
        "worked_out": {
            f"{network}, global batch {batch}": work_out(fixed, window, weights, batch, network)
            for network in NETWORKS
            for batch in (1024, 16384)
        },
    }
    if options.json:
        print(json.dumps(facts))
        return
    print(f"A step: {1e3 * fixed:.2f} ms and {1e3 * window:.3f} ms a window, one thread; {weights} weights")
    for size in BATCHES:
        print(f"  batch {size:3}: {1e3 * one_thread[size]:6.2f} ms, two threads {1e3 * two_threads[size]:6.2f} ms")
    for name, seconds in pair["steps"].items():
        times = two_threads[WINDOWS] / seconds
        print(f"  batch {WINDOWS} by two processes, {name}: {1e3 * seconds:.2f} ms, {times:.2f} times two threads")
    for size, seconds in pair["messages"].items():
        print(f"  a message of {int(size):,} bytes: {1e3 * seconds:.3f} ms")
    for name, row in facts["worked_out"].items():
        shown = ", ".join(
            f"{count}: {1e3 * seconds:.1f} ms ({row[1] / seconds:.0f}x)" for count, seconds in row.items()
        )
        print(f"{name}: {shown}")


if __name__ == "__main__":
    main()
