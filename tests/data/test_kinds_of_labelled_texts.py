"""Files and folders of labelled texts in their usual layouts: what is read, what is asked, what is refused."""

import bz2
import gzip
import json
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import load_splits, load_test

GOOD, BAD = "what a lovely day", "what a dreadful day"


def count(splits):
    parts = [part for part in (splits.train, splits.validation, splits.test) if part is not None]
    labels = [splits.train.classes[label] for part in parts for label in part.labels]
    return {name: labels.count(name) for name in splits.train.classes}


def write(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(folder)


def lines(count, text=GOOD):
    return "".join(f"{text} {number}\n" for number in range(count))


FASTTEXT = {
    "topics": ("__label__baking a cake\n__label__meat a roast\n" * 3, {"baking": 3, "meat": 3}),
    "at the end": (f"{GOOD} __label__pos\n{BAD} __label__neg\n" * 2, {"negative": 2, "positive": 2}),
    "tabs and capitals": (f"__label__POS\t{GOOD}\r\n__label__NEG\t{BAD}\r\n" * 2, {"negative": 2, "positive": 2}),
}


@pytest.mark.parametrize("case", FASTTEXT)
def test_fasttext(tmp_path, case):
    content, expected = FASTTEXT[case]
    assert count(load_splits(write(tmp_path, {"a.txt": content}) + "/a.txt")) == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"__label__pos __label__film {GOOD}", r"row 2: more than one label \(pos, film\)\. One label per text"),
        (f"__label__pos {GOOD} __label__film", r"row 2: more than one label"),
        (GOOD, r"row 2: no __label__ in front or at the end"),
    ],
)
def test_fasttext_rows_that_cannot_be_used(tmp_path, row, message):
    (tmp_path / "a.txt").write_text(f"__label__neg {BAD}\n{row}\n__label__pos {GOOD}\n")
    with pytest.raises(UserError, match=message):
        load_splits(str(tmp_path / "a.txt"))


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)], ids=["gz", "bz2", "xz"]
)
def test_packed_files(tmp_path, suffix, pack):
    content = pack(f"text;label\n{GOOD};1\n{BAD};0\n".encode() * 1 + f"{GOOD};1\n{BAD};0\n".encode())
    path = tmp_path / f"a.csv.{suffix}"
    path.write_bytes(content)
    assert count(load_splits(str(path))) == {"negative": 2, "positive": 2}
    path.write_bytes(content[:-12])
    with pytest.raises(UserError, match="or a damaged one"):
        load_splits(str(path))


def write_parquet(path, labels, names=None):
    table = pa.table({"text": [f"{GOOD} {row}" for row in range(len(labels))], "label": labels})
    if names is not None:
        features = {"label": {"names": names, "_type": "ClassLabel"}}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_parquet(tmp_path):
    write_parquet(tmp_path / "a.parquet", [0, 1] * 3)
    assert count(load_splits(str(tmp_path / "a.parquet"))) == {"negative": 3, "positive": 3}
    write_parquet(tmp_path / "b.parquet", pa.array(["joy", "fear"] * 3).dictionary_encode())
    assert count(load_splits(str(tmp_path / "b.parquet"))) == {"fear": 3, "joy": 3}


def test_a_folder_of_hugging_face_whose_files_name_their_classes(tmp_path):
    names = ["World", "Sports", "Business", "Sci/Tech"]
    data = tmp_path / "ag_news" / "data"
    write_parquet(data / "train-00000-of-00002.parquet", [0, 1, 2, 3], names)
    write_parquet(data / "train-00001-of-00002.parquet", [0, 1, 2, 3], names)
    write_parquet(data / "test-00000-of-00001.parquet", [3, 3, -1], names)
    splits = load_splits(str(tmp_path / "ag_news"))
    assert (len(splits.train), len(splits.test)) == (8, 2)
    assert count(splits) == {"Business": 2, "Sci/Tech": 4, "Sports": 2, "World": 2}


FOLDERS = {
    "a file per label": ({"pos.txt": lines(3), "neg.txt": lines(2)}, (2, 3)),
    "labels as suffixes": ({"rt-polarity.pos": lines(3), "rt-polarity.neg": lines(2), "README.txt": "x"}, (2, 3)),
    "labels within names": ({"positive-reviews.txt": lines(3), "negative-reviews.txt": lines(2)}, (2, 3)),
    "packed": ({"pos.txt.gz": gzip.compress(lines(3).encode()), "neg.txt": lines(2)}, (2, 3)),
    "parts and labels in names": (
        {f"{part}_{label}.txt": lines(2) for part in ("train", "test") for label in ("pos", "neg")},
        (4, 4),
    ),
    "files per label in parts": (
        {f"{part}/{label}.txt": lines(2) for part in ("train", "test") for label in ("pos", "neg")},
        (4, 4),
    ),
    "a folder within": ({f"txt_sentoken/{one}/{n}.txt": GOOD for one in ("pos", "neg") for n in range(2)}, (2, 2)),
    "train only": ({f"train/{one}/{n}.txt": GOOD for one in ("pos", "neg") for n in range(2)}, (2, 2)),
    "parts in names": (
        {f"reviews.{part}": f"__label__pos {GOOD}\n__label__neg {BAD}\n" for part in ("train", "test")},
        (2, 2),
    ),
    "aclImdb with what lies beside": (
        {
            **{f"{part}/{one}/{n}_8.txt": GOOD for part in ("train", "test") for one in ("pos", "neg") for n in (1, 2)},
            "train/unsup/1_0.txt": GOOD,
            "train/urls_pos.txt": "x",
            "train/urls_neg.txt": "x",
            "imdb.vocab": "a",
            "README": "x",
            "imdbEr.txt": "0.1\n",
            "train/labeledBow.feat": "9 0:9",
        },
        (4, 4),
    ),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_folders(tmp_path, case):
    files, (negative, positive) = FOLDERS[case]
    assert count(load_splits(write(tmp_path, files))) == {"negative": negative, "positive": positive}


def test_folders_of_topics(tmp_path):
    files = {f"{topic}/{number}": GOOD for topic in ("rec.autos", "sci.space") for number in (101, 102)}
    assert count(load_splits(write(tmp_path, files))) == {"rec.autos": 2, "sci.space": 2}


def test_files_that_may_be_no_classes_are_classes_only_if_that_is_asked_for(tmp_path):
    data = write(tmp_path, {"reviews.txt": lines(3), "labels.txt": "positive\nnegative\n" * 2, "README.txt": "x"})
    with pytest.raises(UserError, match=r"If every file is a class: --set labels=classes"):
        load_splits(data)
    assert count(load_splits(data, labels="classes")) == {"labels": 4, "reviews": 3}


def test_two_files_of_one_label_are_refused(tmp_path):
    data = write(tmp_path, {"pos.txt": lines(3), "pos.txt.gz": gzip.compress(b"a\n"), "neg.txt": lines(3)})
    with pytest.raises(UserError, match=r"pos.txt and pos.txt.gz are both there"):
        load_splits(data)


COLUMNS = {
    "is_positive": (f"comment,is_positive\n{GOOD},True\n{BAD},False\n", 'labels are taken from the column "is_pos'),
    "Review Text": (f"Review Text,Rating\n{GOOD},5\n{BAD},1\n", 'texts are taken from the column "Review Text"'),
    "polarity_label": (f"id,tweet,polarity_label,label_confidence\n1,{GOOD},pos,0.9\n2,{BAD},neg,0.8\n", "polarity_l"),
    "toxic": (f"comment_text,toxic\n{GOOD},1\n{BAD},0\n", "0 is negative, 1 positive"),
    "avis": (f"avis,label\n{GOOD},positif\n{BAD},négatif\n", 'texts are taken from the column "avis"'),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_columns_whose_names_are_not_usual_are_told(tmp_path, case):
    content, note = COLUMNS[case]
    header, *rows = content.splitlines()
    (tmp_path / "a.csv").write_text("\n".join([header, *rows, *rows]))
    splits = load_splits(str(tmp_path / "a.csv"))
    assert count(splits) == {"negative": 2, "positive": 2}
    assert note in " ".join(splits.notes)


@pytest.mark.parametrize(
    "content",
    [
        f"a,b,c\n{GOOD},1,2\n{BAD},0,3\n",
        f"text,author_rating_date,score_count\n{GOOD},1,2\n{BAD},0,3\n",
        f"text,topic_label,mood_label\n{GOOD},1,2\n{BAD},0,3\n",
    ],
)
def test_columns_that_are_not_certain_are_asked_for(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(UserError, match=r"--set (text|label)_column=N"):
        load_splits(str(tmp_path / "a.csv"))


def test_topics_without_names_of_columns(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"well, {GOOD} {row};{('joy', 'anger')[row % 2]}\n" for row in range(12)))
    assert count(load_splits(str(tmp_path / "a.txt"))) == {"anger": 6, "joy": 6}


def test_a_first_row_whose_label_occurs_again_is_no_row_of_names(tmp_path):
    (tmp_path / "a.csv").write_text(f"1,x,{GOOD},joy\n2,y,{BAD},anger\n" * 3)
    data, columns = str(tmp_path / "a.csv"), {"text_column": "3", "label_column": "4"}
    assert count(load_splits(data, **columns)) == {"anger": 3, "joy": 3}
    (tmp_path / "a.csv").write_text("id,user,said,felt\n" + f"1,x,{GOOD},joy\n2,y,{BAD},anger\n" * 3)
    assert count(load_splits(data, **columns)) == {"anger": 3, "joy": 3}


def test_other_texts_are_read_for_the_classes_of_a_run(tmp_path):
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD},Tech\n{BAD},sport\n")
    found = load_test(str(tmp_path / "a.csv"), classes=("sport", "tech"))
    assert (found.classes, found.labels) == (("sport", "tech"), [1, 0])
    with pytest.raises(UserError, match=r'row 2: the label "Tech" is not understood\. The run tells x, y apart'):
        load_test(str(tmp_path / "a.csv"), classes=("x", "y"))


def test_stars_are_not_taken_for_signs_of_the_training(tmp_path):
    (tmp_path / "a.csv").write_text(f"text,stars\n{GOOD},5\n{BAD},1\n")
    assert load_test(str(tmp_path / "a.csv"), scale="signs").labels == [True, False]
