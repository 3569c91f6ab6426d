import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import (
    STARTER,
    LabelledTexts,
    load_splits,
    read_labelled_texts,
    split_texts,
)

rows = st.lists(st.tuples(st.text("ab ,;'\"é\n", max_size=12), st.booleans()), min_size=1, max_size=8)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(rows)
def test_csv_round_trip(tmp_path_factory, rows):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["id", "Review", "Sentiment"])
    writer.writerows([number, text, "pos" if label else "neg"] for number, (text, label) in enumerate(rows))
    found = read_labelled_texts(write(tmp_path_factory.mktemp("csv"), "a.csv", buffer.getvalue()))
    assert list(zip(found.texts, found.labels, strict=True)) == rows


@given(rows)
def test_jsonl_round_trip(tmp_path_factory, rows):
    lines = [json.dumps({"label": int(label), "text": text}) for text, label in rows]
    found = read_labelled_texts(write(tmp_path_factory.mktemp("jsonl"), "a.jsonl", "\n".join(lines)))
    assert list(zip(found.texts, found.labels, strict=True)) == rows


@pytest.mark.parametrize(
    "content",
    [
        'a "good" day\t1\na bad day\t0\n',
        '\ufeffa "good" day\t1\r\n\r\na bad day\t0',
        '1\ta "good" day\n0\ta bad day\n',
        'label\tnumber\ttext\nTrue\t4\ta "good" day\nfalse\t5\ta bad day\n',
    ],
)
def test_tsv_with_and_without_names(tmp_path, content):
    found = read_labelled_texts(write(tmp_path, "a.tsv", content))
    assert found.texts == ['a "good" day', "a bad day"]
    assert found.labels == [True, False]


def test_columns_can_be_named(tmp_path):
    path = write(tmp_path, "a.csv", "text;title;stars\nlong;short;1\nmore;less;0\n")
    assert read_labelled_texts(path, "title", "stars").texts == ["short", "less"]


BAD_FILES = [
    ("a.tsv", "", r"a\.tsv: the file is empty"),
    ("a.tsv", " \n\n", r"a\.tsv: the file is empty"),
    ("a.tsv", b"good\t1\n\x00\x01", r"a\.tsv: a binary file \(byte 7 is zero\)"),
    ("a.tsv", b"good\t1\nb\xe9d\t0\n", r"a\.tsv, line 2: byte 8 \(0xe9\) is not valid UTF-8"),
    ("a.tsv", "text\tlabel\n", r"a\.tsv: no rows"),
    ("a.tsv", "text\tlabel\ngood\t1\nfine\tmaybe\n", r'a\.tsv, row 3: the label "maybe" is not understood'),
    ("a.tsv", "good\t1\nfine\t3\n", r'a\.tsv, row 2: the label "3" is not understood'),
    ("a.tsv", "good\t1\nbad\n", r"a\.tsv, row 2: 1 column where 2 belong"),
    ("a.tsv", "good day\nbad day\n", r"a\.tsv, row 1: 1 column without names where two belong"),
    ("a.csv", "a,b,1\nc,d,0\n", r"a\.csv, row 1: 3 columns without names"),
    ("a.csv", "text,grade\ngood,1\n", r"a\.csv: no label column found among text, grade.*--set label_column=NAME"),
    ("a.csv", "words,label\ngood,1\n", r"a\.csv: no text column found among words, label.*--set text_column=NAME"),
    ("a.csv", 'text,label\n"good,1\n', r"a\.csv, row 2: unexpected end of data"),
    ("a.jsonl", '{"text": "good", "label": 1}\n{"text": "bad"}\n', r'a\.jsonl, row 2: no "label"'),
    ("a.jsonl", '{"text": "good", "label": 1}\nnot json\n', r"a\.jsonl, row 2: not JSON"),
    ("a.csv", "words,grade\ngood,1\n", r"a\.csv, row 1: the label .*--set text_column=NAME --set label_column=NAME"),
    ("a.jsonl", "[1, 2]\n", r"a\.jsonl, row 1: expected an object"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES)
def test_what_cannot_be_read_is_named_in_one_line(tmp_path, name, content, message):
    with pytest.raises(UserError, match=message) as error:
        read_labelled_texts(write(tmp_path, name, content))
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_wrong_column_are_named(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        load_splits(str(tmp_path / "none.tsv"))
    path = write(tmp_path, "a.tsv", "text\tlabel\ngood\t1\nbad\t0\n")
    with pytest.raises(UserError, match=r'no column "body"\. The columns are text, label'):
        read_labelled_texts(path, text_column="body")


@pytest.mark.parametrize("label", ["1", "0"])
def test_one_label_only_is_refused(tmp_path, label):
    path = write(tmp_path, "a.tsv", f"one\t{label}\ntwo\t{label}\n")
    kind = "positive" if label == "1" else "negative"
    with pytest.raises(UserError, match=f"all 2 texts are labelled {kind}"):
        load_splits(str(path))


@given(st.lists(st.booleans(), min_size=4, max_size=40), st.integers(0, 99))
def test_a_split_keeps_every_row_once_and_both_labels_on_both_sides(labels, seed):
    labels = [True, True, False, False, *labels]
    texts = LabelledTexts([str(row) for row in range(len(labels))], labels, "test")
    splits = split_texts(texts, seed)
    assert sorted(splits.train.texts + splits.test.texts, key=int) == texts.texts
    assert set(splits.train.labels) == set(splits.test.labels) == {True, False}
    assert splits == split_texts(texts, seed)
    assert all(labels[int(text)] == label for text, label in zip(splits.test.texts, splits.test.labels, strict=True))


def test_a_single_text_of_a_label_cannot_be_split(tmp_path):
    path = write(tmp_path, "a.tsv", "one\t1\ntwo\t0\nthree\t0\n")
    with pytest.raises(UserError, match="only 1 text labelled positive"):
        load_splits(str(path))


def test_a_folder_holds_train_dev_and_test(tmp_path):
    for name in ("train.tsv", "dev.tsv", "test.tsv"):
        write(tmp_path, name, f"good {name}\t1\nbad {name}\t0\n")
    splits = load_splits(str(tmp_path))
    assert splits.validation is not None
    found = [part.texts[0] for part in (splits.train, splits.validation, splits.test)]
    assert found == ["good train.tsv", "good dev.tsv", "good test.tsv"]
    (tmp_path / "test.tsv").unlink()
    with pytest.raises(UserError, match="no test file"):
        load_splits(str(tmp_path))


def test_starter_sentences_are_balanced_and_distinct():
    starter = read_labelled_texts(STARTER)
    assert len(starter) >= 200
    assert sum(starter.labels) * 2 == len(starter) == len(set(starter.texts))
    assert load_splits(None) == load_splits("reviews")
    assert [len(load_splits(name).train) for name in ("reviews", "sentences")] == [2400, 180]


def test_sst2_is_read_whole(shared_data):
    splits = load_splits(str(shared_data("sst2")))
    assert splits.validation is not None
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (6920, 872, 1821)
    assert sum(splits.test.labels) == 909
