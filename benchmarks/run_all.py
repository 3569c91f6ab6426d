"""Every benchmark in one run on one machine, so that all figures belong to the same commit and the same processor.

    python benchmarks/run_all.py --data FOLDER [--nanogpt CLONE] [--only startup gpt ...] [--out FOLDER]

FOLDER holds ``mnist/`` (idx files), ``sst2/`` (train, dev and test.tsv) and ``tinyshakespeare/input.txt``. What each
benchmark prints is kept in ``OUT/NAME.txt`` with the commit, the processor, the load before it and how long it took.
Interrupted, the same command goes on with the next one; a benchmark that failed runs again. Nothing else may be busy on
the machine.
"""

import argparse
import datetime
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FINISHED = re.compile(r"^# finished in ", re.MULTILINE)
TRAIN = "-m groundup train gpt --data {texts}/input.txt --runs {work}/runs --set tokenizer=characters --set context=256"

# Each benchmark's commands, as they follow `python`; the quick ones first.
BENCHMARKS = {
    "startup": ["startup.py"],
    "scaling": ["scaling.py"],
    "looking_inside": ["looking_inside.py"],
    "tiled_attention": ["tiled_attention.py"],
    "quantisation": ["quantisation.py --rounds 6"],
    "judge": ["judge.py --check", "judge.py --grade 500"],
    "lab": ["lab.py"],
    "drawn": ["drawn.py"],
    "digits": ["digits.py --data {data}/mnist --best"],
    "sentiment": ["sentiment.py --data {data}/sst2 --seeds 6"],
    "speculative": [
        f"{TRAIN} --run target --set layers=3 --set heads=3 --set width=192 --set batch_size=8 --set steps=450",
        f"{TRAIN} --run draft --set layers=1 --set heads=4 --set width=128 --set steps=500",
        "speculative.py --runs {work}/runs --target target --draft draft --rounds 2",
    ],
    "regression": ["regression.py", "regression.py --rows 100000 --full --only speed"],
    "gpt": ["gpt.py --data {texts}/input.txt"],
    "budget": ["budget.py"],
    "sums": ["sums.py '3 digits' '10 digits' 'products of 2 digits'"],
    "cluster": ["cluster.py {texts}/input.txt --megabytes 60 --answers 40 --tasks 3000"],
    "corpus": ["corpus.py {texts}/input.txt {data}/sst2/train.tsv --sizes 2,200 --rates 20 --repeats 1"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--nanogpt", type=Path, help="a clone of nanoGPT, to be measured beside gpt")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in options.only:
        written = options.out / f"{name}.txt"
        if written.exists() and FINISHED.search(written.read_text()):
            print(f"{name}: measured before, in {written}")
            continue
        print(f"{name}: …", flush=True)
        started = time.monotonic()
        fine = measure(name, options, written)
        outcome = "measured" if fine else "FAILED"
        print(f"{name}: {outcome} in {time.monotonic() - started:.0f} s, {written}", flush=True)
        failed += [] if fine else [name]
    return 1 if failed else 0


def measure(name: str, options: argparse.Namespace, written: Path) -> bool:
    """Run the commands of one benchmark and keep what they print; tell whether all ended well."""
    places = {
        "data": options.data.resolve(),
        "texts": (options.data / "tinyshakespeare").resolve(),
        "work": (options.out / "work").resolve(),
    }
    started = time.monotonic()
    with written.open("w") as file:
        file.write(f"# {describe_machine()}\n")
        for line in BENCHMARKS[name]:
            command = [word.format(**places) for word in shlex.split(line)]
            if name == "gpt" and options.nanogpt:
                command += ["--nanogpt", str(options.nanogpt.resolve())]
            file.write(f"# load {os.getloadavg()[0]:.1f} before: python {shlex.join(command)}\n")
            file.flush()
            ended = subprocess.run([sys.executable, *command], cwd=HERE, stdout=file, stderr=subprocess.STDOUT)
            if ended.returncode:
                file.write(f"# ended with exit code {ended.returncode}\n")
                return False
        file.write(f"# finished in {time.monotonic() - started:.0f} s\n")
    return True


def describe_machine() -> str:
    """Return the commit, the day, the processor and how many cores it has here."""
    git = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip() or "no commit"
    names = re.findall(r"^model name\s*: (.+)$", read("/proc/cpuinfo"), re.MULTILINE) or [platform.processor()]
    has = [word for word in ("avx512_bf16", "amx_bf16") if word in read("/proc/cpuinfo")]
    return f"{commit}, {datetime.date.today()}, {os.cpu_count()} cores of {names[0]} {' '.join(has)}".strip()


def read(path: str) -> str:
    """Return a file's text, or nothing where there is none: only Linux tells so of its processor."""
    return Path(path).read_text() if Path(path).exists() else ""


if __name__ == "__main__":
    sys.exit(main())
