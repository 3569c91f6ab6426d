"""Inputs of every format that groundup reads, malformed at random; each comes with a command that meets it."""

import bz2
import codecs
import gzip
import json
import struct
import zlib

import odd_values
import pyarrow
import pyarrow.parquet
from PIL import Image

LONG = "n" * 300
SIGNS = ["\x1b]0;x\x07", "a\nb", "[/red]", r"$\frac{$", "\ud800", "\0", "\x85", "\u2028", "\u202e", "ÄÖ", "😀"]
NUMBERS = ["1e308", "-1e308", "1e-320", "-0", "0", "-1", "1", str(10**30), "9" * 5000, "nan", "NaN", "inf", "-inf"]
NUMBERS += ["1_0", "0x10", "1e999", "1.5", "1,5", "−3", "٣", "½", "1e", "--1", "+", "True", "1e200"]
WORDS = ["", " ", "x", "=1+1", "-", "--", "-x", "--json", "..", ".", "/proc", "~", "a/b", "None", LONG, "%s", "{}", "*"]
WORDS += ["", '"', "'", "a=b", "=", "==", ",", "x=", "=x", "a,b", "builtin:" + "9" * 5000, "https://[::1", "data:"]
ODD = [*SIGNS, *NUMBERS, *WORDS]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "shift_jis"]


def encode(text, draw, likely=0.8):
    name = "utf-8" if draw.random() < likely else draw.choice(ENCODINGS)
    return codecs.encode(text, name, "surrogatepass" if name.startswith("utf") and name != "utf-7" else "replace")


def damage_bytes(content, draw):
    """Cut, flip, insert, repeat or pack bytes."""
    content = bytearray(content)
    place = draw.randrange(len(content) + 1)
    what = draw.choice(["cut", "cut", "flip", "flip", "flip", "insert", "twice", "noise", "empty", "nul", "gz", "bz2"])
    if what == "cut":
        return bytes(content[:place])
    if what == "flip":
        for _ in range(draw.choice([1, 1, 3, 30])):
            if content:
                content[draw.randrange(min(len(content), draw.choice([20, 200, 10**9])))] ^= 1 << draw.randrange(8)
        return bytes(content)
    if what in ("insert", "nul"):
        added = draw.randbytes(draw.choice([1, 8, 300])) if what == "insert" else b"\0"
        return bytes(content[:place] + added + content[place:])
    packers = {"gz": gzip.compress, "bz2": bz2.compress, "noise": lambda held: draw.randbytes(len(held))}
    return packers.get(what, lambda held: b"" if what == "empty" else bytes(held) * 2)(content)


def place_file(folder, name, content, draw, likely=0.3):
    """Write a file that may be damaged further, or packed under a wrong or a right name; return its path."""
    if draw.random() < likely:
        content = damage_bytes(content, draw)
    if draw.random() < 0.1:
        name = name + draw.choice([".gz", ".bz2", ".xz", ".zst"])
        content = gzip.compress(content) if draw.random() < 0.7 else content
        content = content[: len(content) // 2] if draw.random() < 0.2 else content
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def change_json(value, draw):
    """Return a JSON value with something odd in one place, words that are odd for a person to type included."""
    return odd_values.change_json(value, draw, [*odd_values.ODD, *ODD])


# Tables


def make_table(folder, draw):
    rows = [
        [str(row % 7 + 1), "mf"[row % 3 % 2], str(row % 7 * 2 + row % 3)] for row in range(draw.choice([0, 1, 3, 30]))
    ]
    header = ["age", "sex", "height"]
    for _ in range(draw.choice([0, 1, 1, 2, 5])):
        row = draw.choice([header, *rows])
        what = draw.choice(["cell", "cell", "cell", "column", "more", "less", "empty", "wide"])
        if what == "cell":
            row[draw.randrange(len(row))] = draw.choice(ODD)
        elif what == "column" and len(row) == 3:
            odd, place = draw.choice(ODD), draw.randrange(3)
            for other in rows:
                if len(other) > place:
                    other[place] = odd if draw.random() < 0.8 else draw.choice(ODD)
        elif what == "less" and len(row) > 1:
            row.pop()
        elif what == "wide":
            row.extend(["1"] * draw.choice([1, 100, 3000]))
        else:
            row.append(draw.choice(ODD))
    kind = draw.choice(["csv", "csv", "csv", "tsv", "txt", "parquet", "parquet", "json", "xlsx", "CSV"])
    if kind == "parquet":
        return place_file(folder, "table.parquet", _pack_parquet(folder, header, rows, draw), draw, 0.5)
    mark = draw.choice([",", ",", ";", "\t", "|", " "])
    quoted = draw.random() < 0.5

    def write(cell):
        return '"' + cell.replace('"', '""') + '"' if quoted and set(cell) & {mark, "\n", '"'} else cell

    end = draw.choice(["\n", "\n", "\r\n", "\r"])
    text = end.join(mark.join(write(cell) for cell in row) for row in [header, *rows]) + end
    text = draw.choice(["", "", "", "", f"sep={mark}{end}", end, "# a remark" + end, '"']) + text
    return place_file(folder, "table." + kind, encode(text, draw), draw, 0.15)


def _pack_parquet(folder, header, rows, draw):
    kinds = [pyarrow.string(), pyarrow.float64(), pyarrow.int8(), pyarrow.decimal128(38, 10), pyarrow.bool_()]
    columns = {}
    for place, name in enumerate(header[:3]):
        cells = [draw.choice(ODD) if draw.random() < 0.05 else row[place % len(row)] for row in rows]
        try:
            columns[name] = pyarrow.array(cells, pyarrow.string())
            columns[name] = columns[name].cast(draw.choice(kinds))
        except (pyarrow.ArrowException, ValueError):
            columns[name] = pyarrow.array(
                draw.choice([[[1]] * len(rows), [{"a": 1}] * len(rows), [b"\xff"] * len(rows), [None] * len(rows)])
            )
    path = folder / "made.parquet"
    try:
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    except (pyarrow.ArrowException, ValueError):
        return b"PAR1"
    content = path.read_bytes()
    path.unlink()
    return content


def try_table(folder, draw):
    path = str(make_table(folder, draw))
    words = ["train", "heights", "--data", path, "--run", "new"]
    words += ["--target", "height"] if draw.random() < 0.5 else []
    words += ["--target", draw.choice(ODD)] if draw.random() < 0.1 else []
    words += ["--features", draw.choice(["age", "sex", "age,sex", *ODD])] if draw.random() < 0.2 else []
    words += ["--set", "skip_bad_rows=true"] if draw.random() < 0.2 else []
    words += ["--set", "missing=mean"] if draw.random() < 0.1 else []
    return draw.choice([words, words, words, ["predict", "heights", path], ["evaluate", "heights", "--data", path]])


# Labelled sentences


def make_sentences(folder, draw):
    records = [
        {"text": f"{word} day {number}", "label": label}
        for number, (word, label) in enumerate([("good", 1), ("bad", 0)] * draw.choice([1, 10]))
    ]
    kind = draw.choice(["csv", "tsv", "jsonl", "jsonl", "json", "txt", "folders"])
    if kind == "folders":
        for number, record in enumerate(records):
            name = f"labelled/{'pos' if record['label'] else 'neg'}/{number}.txt"
            place_file(folder, name, encode(record["text"], draw, 0.95), draw, 0.1)
        return folder / "labelled"
    if kind == "json":
        held = records if draw.random() < 0.6 else {"data": records}
        text = json.dumps(change_json(held, draw), ensure_ascii=draw.random() < 0.5)
    elif kind == "jsonl":
        lines = [json.dumps(record if draw.random() < 0.9 else change_json(record, draw)) for record in records]
        noise = ["[" * 100_000, "{", "null", '{"text": "a", "text": "b"}', "\0", "3", ""]
        lines.insert(draw.randrange(len(lines)), draw.choice([*noise, *lines]))
        text = "\n".join(lines)
    else:
        mark = {"csv": ",", "tsv": "\t", "txt": " "}[kind]
        sentences = [[str(record["label"]), record["text"]] for record in records]
        if kind == "txt":
            sentences = [["__label__" + label, text] for label, text in sentences]
        else:
            sentences.insert(0, ["label", "text"])
        for _ in range(draw.choice([0, 1, 2])):
            draw.choice(sentences)[draw.randrange(2)] = draw.choice(ODD)
        if draw.random() < 0.2:
            draw.choice(sentences).append(draw.choice(ODD))
        text = "\n".join(mark.join(row) for row in sentences)
    return place_file(folder, "labelled." + kind, encode(text, draw), draw, 0.15)


def try_sentences(folder, draw):
    path = str(make_sentences(folder, draw))
    words = ["train", "sentiment", "--data", path, "--run", "new", "--set", "epochs=1", "--set", "least_steps=2"]
    words += ["--set", f"{draw.choice(['text_column', 'label_column', 'labels'])}={draw.choice(ODD)}"] * (
        draw.random() < 0.2
    )
    return draw.choice([words, words, ["evaluate", "sentiment", "--data", path], ["predict", "sentiment", path]])


# Texts


def try_text(folder, draw):
    text = "she sells sea shells by the sea shore. " * draw.choice([1, 20])
    kind = draw.choice(["txt", "txt", "jsonl", "jsonl", "parquet", "md", "bin"])
    if draw.random() < 0.4:
        place = draw.randrange(len(text))
        text = text[:place] + draw.choice(ODD) + text[place:]
    if kind == "jsonl":
        lines = [json.dumps({"text": text}) for _ in range(3)]
        odd = json.dumps(change_json({"text": text}, draw))
        lines.insert(draw.randrange(3), draw.choice([odd, odd, odd, "[" * 100_000, "{", "3", "\0", '{"text": 1e999}']))
        content = "\n".join(lines).encode()
    elif kind == "parquet":
        content = _pack_parquet(folder, ["text", "b", "c"], [[text.encode(errors="replace").decode()]] * 3, draw)
    else:
        content = encode(text, draw, 0.5)
    path = str(place_file(folder, "text." + kind, content, draw, 0.3))
    if draw.random() < 0.1:
        path = str(folder)
    words = ["train", "gpt", "--data", path, "--run", "new", *TINY]
    words += ["--set", "tokenizer=bytepair"] if draw.random() < 0.2 else []
    words += ["--set", "shard_above=0"] if draw.random() < 0.2 else []
    return draw.choice([words, words, ["evaluate", "gpt", "--data", path]])


TINY = "steps=1 layers=1 heads=1 width=8 context=4 batch_size=1 sample_tokens=0 precision=float32 measured_tokens=8"
TINY = [word for pair in TINY.split() for word in ("--set", pair)]


# Pictures


def make_picture(path, draw):
    kind = draw.choice(["png", "png", "jpeg", "gif", "tiff", "webp", "bmp", "ico", "ppm"])
    mode = draw.choice(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr"])
    size = draw.choice([(28, 28), (1, 1), (1, 5000), (3, 2), (300, 200)])
    picture = Image.new("L", size)
    picture.putdata([draw.randrange(256) for _ in range(min(784, size[0] * size[1]))])
    made = path.with_name("made." + kind)
    try:
        picture.convert(mode).save(made)
    except (ValueError, OSError, KeyError):
        kind = "png"
        made = path.with_name("made.png")
        picture.save(made)
    content = bytearray(made.read_bytes())
    made.unlink()
    if draw.random() < 0.3:
        huge = struct.pack(draw.choice("<>") + "I", draw.choice([0, 1, 65_000, 10**6, 2**31 - 1, 2**32 - 1]))
        if kind == "png":
            place = draw.choice([16, 20])
            content[place : place + 4] = huge
            content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        elif len(content) > 30:
            place = draw.randrange(4, 26)
            content[place : place + 4] = huge
    content = damage_bytes(content, draw) if draw.random() < 0.4 else bytes(content)
    path = path.with_suffix("." + draw.choice([kind, kind, kind, "png", "jpg"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def try_picture(folder, draw):
    if draw.random() < 0.7:
        return ["predict", "digits", str(make_picture(folder / "digit.png", draw))]
    for number in range(draw.choice([2, 6])):
        path = folder / "digits" / str(number % 2) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if draw.random() < 0.4:
            make_picture(path, draw)
        else:
            Image.new("L", (28, 28), number * 30).save(path)
    words = ["train", "digits", "--data", str(folder / "digits"), "--run", "new", "--set", "epochs=1"]
    return draw.choice([[*words, "--set", "hidden=4"], ["evaluate", "digits", "--data", str(folder / "digits")]])


def try_idx(folder, draw):
    count = draw.choice([0, 1, 20])
    odd = [0, 1, 2, 19, 28, 2**16, 2**31 - 1, 2**32 - 1]
    sizes = [number if draw.random() < 0.85 else draw.choice(odd) for number in (2051, count, 28, 28)]
    told = [number if draw.random() < 0.85 else draw.choice(odd) for number in (2049, count)]
    pictures = struct.pack(">IIII", *sizes) + draw.randbytes(count * 784)
    labels = struct.pack(">II", *told) + bytes(draw.choice([number % 10, 255]) for number in range(count))
    for part in draw.choice([["train"], ["train", "t10k"], ["t10k"]]):
        place_file(folder, f"idx/{part}-images-idx3-ubyte", pictures, draw, 0.2)
        place_file(folder, f"idx/{part}-labels-idx1-ubyte", labels, draw, 0.2)
    words = ["train", "digits", "--data", str(folder / "idx"), "--run", "new", "--set", "epochs=1"]
    return draw.choice([[*words, "--set", "hidden=4"], ["evaluate", "digits", "--data", str(folder / "idx")]])
