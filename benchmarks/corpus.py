"""The corpus at size: memory and rate of tokenising, and how soon training starts from shards.

Run ``python benchmarks/corpus.py FILE… [--sizes 2,200,2000] [--skip memory,rate,start] [--json]``. A text of each size
in megabytes is made of the FILEs' words by a seeded chain (which word follows which; a few in a hundred are invented or
numbers, as rare as in real text), in a temporary folder that is removed at the end: it needs five times the largest.

1. Memory: the peak of all processes together while the text is tokenised, sampled every 50 ms from Linux's ``/proc``:
   resident, and what is theirs alone (anonymous).
2. Rate: whole processes that make token files of the text with one ``tokenizer.json``, ours and Hugging Face's
   ``encode_batch`` in batches of a thousand lines, with its threads on; in turn, several times.
3. Start: from a process's start to its first training step, where shards are there: a new run and a resumed one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SYLLABLES = [one + two for one in (*"bdfgklmnprstvz", "ch", "sh", "th", "br") for two in (*"aeioué", "ai", "ou")]
TOKENIZE = """
import sys
from pathlib import Path
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import read_tokenizer_file
if __name__ == "__main__":
    maker = ShardMaker([Path(sys.argv[1])], Path(sys.argv[2]))
    if sys.argv[3] in ("characters", "bytepair"):
        tokenizer = maker.make_tokenizer(sys.argv[3], int(sys.argv[4]))
    else:
        tokenizer = read_tokenizer_file(Path(sys.argv[3]))
    print(len(maker.make_shards(tokenizer)))
"""
PEER = """
import itertools, sys
import numpy
from tokenizers import Tokenizer
tokenizer, total = Tokenizer.from_file(sys.argv[2]), 0
with open(sys.argv[1], encoding="utf-8", newline="") as lines, open(sys.argv[3], "wb") as file:
    while batch := list(itertools.islice(lines, 1000)):
        for line in tokenizer.encode_batch(batch, add_special_tokens=False):
            file.write(numpy.array(line.ids, dtype="<u2").tobytes())
            total += len(line.ids)
print(total)
"""
FIRST_STEP = """
import os, sys, time
from groundup.training import loop
step, left = loop.take_step, int(sys.argv[1])
def stop(*arguments):
    global left
    left -= 1
    if left < 0:
        print(time.time(), time.process_time(), flush=True)
        os._exit(0)
    return step(*arguments)
loop.take_step = stop
from groundup.cli import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
"""


def write_text(path: Path, size: int, sources: list[Path], seed: int = 0, chains: int = 4096) -> None:
    """Write ``size`` bytes of a chain of words over the sources' words."""
    texts = [source.read_text(encoding="utf-8") for source in sources]
    words = [word for text in texts for word in text.replace("\n", " \n ").split(" ") if word]
    vocabulary = sorted(set(words))
    number = {word: place for place, word in enumerate(vocabulary)}
    row = np.array([number[word] for word in words])
    successors = row[1:][np.argsort(row[:-1], kind="stable")]
    counts = np.bincount(row[:-1], minlength=len(vocabulary))
    begins, table = np.cumsum(counts) - counts, np.array([word.encode() for word in vocabulary], dtype=object)
    rng = np.random.default_rng(seed)
    now, written = rng.choice(row[:-1], chains), 0
    with path.open("wb") as file:
        while written < size:
            rows = np.empty((64, chains), dtype=np.int64)
            for place in range(64):
                steps = begins[now] + (rng.random(chains) * np.maximum(1, counts[now])).astype(np.int64)
                rows[place] = now = successors[np.minimum(steps, len(successors) - 1)]
            picked = table[rows.T.ravel()]
            rare = np.flatnonzero(rng.random(picked.size) < 0.03)
            picked[rare] = [invent(int(rank)) for rank in np.minimum(rng.zipf(1.1, len(rare)), 10**9)]
            raw = (b" ".join(picked.tolist()).replace(b" \n ", b"\n") + b" ")[: size - written]
            # No character is cut in two at the end.
            written += file.write(
                raw if len(raw) + written < size else raw.decode("utf-8", "ignore").encode().ljust(len(raw))
            )


def invent(rank: int) -> bytes:
    """Return a number or a word that stands at a place of a list of rare ones."""
    if rank % 2:
        return str(rank * 7919 % 1_000_003).encode()
    word = ""
    while rank:
        word, rank = word + SYLLABLES[rank % len(SYLLABLES)], rank // len(SYLLABLES)
    return word.encode()


def run(command: list[str], folder: Path, **environment: str) -> tuple[float, str]:
    """Return the seconds a whole process took, and what it printed."""
    # Compiled modules are kept, as they are where the package is installed.
    environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled"), **environment}
    started = time.perf_counter()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
    if result.returncode:
        raise SystemExit(result.stderr[-3000:])
    return time.perf_counter() - started, result.stdout


def measure_memory(command: list[str], folder: Path) -> dict[str, float]:
    """Return the peaks of a process and its children, in MB, and how long it took."""
    peaks, started = {"resident": 0.0, "anonymous": 0.0}, time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            now = {"Rss": 0, "Anonymous": 0}
            for member in Path("/proc").glob("[0-9]*"):
                try:
                    if int((member / "stat").read_text().rpartition(")")[2].split()[2]) == process.pid:
                        for line in (member / "smaps_rollup").read_text().splitlines():
                            name, _, value = line.partition(":")
                            if name in now:
                                now[name] += int(value.split()[0])
                except (OSError, IndexError, ValueError):
                    continue  # it has just ended
            peaks["resident"] = max(peaks["resident"], now["Rss"] / 1e3)
            peaks["anonymous"] = max(peaks["anonymous"], now["Anonymous"] / 1e3)
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    return {**peaks, "seconds": time.perf_counter() - started}


def measure_rate(text: Path, folder: Path, vocabulary: int, repeats: int) -> dict[str, float]:
    """Return the rates of ours and of the peer in MB a second, each the median, and the median of the pairs' ratios."""
    from groundup.data.corpus.shards import ShardMaker

    tokenizer = folder / "tokenizer.json"
    if not tokenizer.exists():
        tokenizer.write_text(ShardMaker([text], folder / "unused").make_tokenizer("bytepair", vocabulary).to_json())
    size, pairs = text.stat().st_size / 1e6, []
    for number in range(repeats):
        cache = folder / f"rate-{text.stem}-{number}"
        ours, tokens = run(
            [sys.executable, str(folder / "make_shards.py"), str(text), str(cache), str(tokenizer)], folder
        )
        remove(cache)
        command = [sys.executable, "-c", PEER, str(text), str(tokenizer), str(folder / "peer.tokens")]
        peer, _ = run(command, folder, TOKENIZERS_PARALLELISM="true")
        (folder / "peer.tokens").unlink()
        pairs.append((ours, peer))
    return {
        "megabytes": size,
        "tokens": int(tokens),
        "ours": size / statistics.median(ours for ours, _ in pairs),
        "encode_batch": size / statistics.median(peer for _, peer in pairs),
        "times": statistics.median(peer / ours for ours, peer in pairs),
    }


def measure_start(text: Path, folder: Path, repeats: int, kind: str, vocabulary: int) -> dict[str, float]:
    """Return the least seconds from a process's start to its first training step, by the clock and of the processor."""
    chosen = ("checkpoint_seconds=0", "shard_above=0", f"tokenizer={kind}", f"vocabulary_size={vocabulary}")
    train = ["train", "gpt", "--data", str(text), *(part for pair in chosen for part in ("--set", pair))]
    found: dict[str, list[tuple[float, float]]] = {"new run": [], "resumed": []}

    def first_step(after: int, *arguments: str) -> tuple[float, float]:
        started = time.time()
        _, output = run([sys.executable, "-c", FIRST_STEP, str(after), *arguments], folder)
        ended, processor = map(float, output.split()[-2:])
        return ended - started, processor

    name = f"{text.stem}-{kind}"
    first_step(3, *train, "--run", name)
    for number in range(repeats):
        found["new run"].append(first_step(0, *train, "--run", f"{name}-{number}"))
        found["resumed"].append(first_step(0, "train", "gpt", "--run", name, "--resume"))
    return {
        f"{what}, {unit}": min(seconds[place] for seconds in found[what])
        for what in found
        for place, unit in enumerate(("clock", "processor"))
    }


def remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="+", help="texts whose words are used, such as tiny Shakespeare")
    parser.add_argument("--sizes", default="2,200,2000", help="in megabytes, with commas")
    parser.add_argument("--kinds", default="characters,bytepair", help="tokens to measure memory and start with")
    parser.add_argument("--rates", default="20,200", help="sizes to compare rates at, in megabytes")
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skip", default="", help="of memory, rate, start, with commas")
    parser.add_argument("--folder", help="where the temporary folder is made")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    skipped = options.skip.split(",")
    found: dict[str, dict] = {}

    def record(part: str, name: str, figures: dict[str, float]) -> None:
        found.setdefault(part, {})[name] = figures
        shown = "  ".join(
            f"{key} {value:,.4g}" if value < 1e4 else f"{key} {value:,.0f}" for key, value in figures.items()
        )
        print(f"{part:8} {name:24} {shown}", file=sys.stderr if options.json else sys.stdout, flush=True)

    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        os.environ["GROUNDUP_CACHE"] = str(folder / "cache")
        (folder / "make_shards.py").write_text(TOKENIZE)

        def text_of(size: str) -> Path:
            path = folder / f"{size}.txt"
            if not path.exists():
                write_text(path, int(float(size) * 1e6), options.sources)
            return path

        for size in options.rates.split(",") if "rate" not in skipped else []:
            record("rate", f"{size} MB", measure_rate(text_of(size), folder, options.vocabulary, options.repeats))
        for size in options.sizes.split(","):
            for kind in options.kinds.split(","):
                cache = folder / "cache"
                command = [sys.executable, str(folder / "make_shards.py"), str(text_of(size)), str(cache), kind]
                if "memory" not in skipped:
                    record("memory", f"{size} MB, {kind}", measure_memory([*command, str(options.vocabulary)], folder))
                if "start" not in skipped:  # from the shards just made
                    started = measure_start(text_of(size), folder, options.repeats, kind, options.vocabulary)
                    record("start", f"{size} MB, {kind}", started)
                remove(cache)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
