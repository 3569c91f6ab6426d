"""Labelled sentences in the forms in which they are handed around: each is read rightly, or refused in one line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import load_splits, load_test, read_labelled_texts

GOOD, BAD = "what a lovely day", "what a dreadful day"
TWO = [(GOOD, True), (BAD, False)]


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


READ = {
    "UCI": ("yelp_labelled.txt", f"{GOOD}\t1\n{BAD}\t0\n", TWO),
    "UCI with quotation marks": (
        "a.txt",
        f'"{GOOD}\t1\n{BAD}, it is\t0\n',
        [('"' + GOOD, True), (BAD + ", it is", False)],
    ),
    "GLUE": ("train.tsv", f"sentence\tlabel\n{GOOD}\t1\n{BAD}\t0\n", TWO),
    "IMDb of Kaggle": ("IMDB Dataset.csv", f'review,sentiment\n"{GOOD}",positive\n"{BAD}",negative\n', TWO),
    "IMDb with breaks": (
        "a.csv",
        'review,sentiment\n"A wonderful<br /><br />little ""film"", really",positive\n',
        [('A wonderful<br /><br />little "film", really', True)],
    ),
    "labeledTrainData": ("labeledTrainData.tsv", f'id\tsentiment\treview\n"5814_8"\t1\t{GOOD}\n"2_3"\t0\t{BAD}\n', TWO),
    "Rotten Tomatoes of Kaggle": (
        "train.tsv",
        f"PhraseId\tSentenceId\tPhrase\tSentiment\n1\t1\t{GOOD}\t4\n2\t1\tso so\t2\n3\t1\t{BAD}\t0\n4\t1\tfine\t3\n",
        [*TWO, ("fine", True)],
    ),
    "fastText": ("train.ft.txt", f"__label__2 {GOOD}\n__label__1 {BAD}\n", TWO),
    "fastText with words": ("train.txt", f"__label__positive {GOOD}\n\n__label__negative , {BAD}\n", TWO),
    "fastText without a suffix": ("cooking.train", f"__label__1 {GOOD}\n__label__0 {BAD}\n", TWO),
    "Yelp polarity": ("train.csv", f'"2","{GOOD}"\n"1","{BAD}"\n', TWO),
    "Yelp's JSON": (
        "yelp_academic_dataset_review.json",
        lines({"stars": 5.0, "text": GOOD, "useful": 0}, {"stars": 1.0, "text": BAD}, {"stars": 3.0, "text": "so so"}),
        TWO,
    ),
    "Amazon's JSON": (
        "Musical_Instruments_5.json",
        lines({"reviewText": GOOD, "overall": 5.0, "summary": "x"}, {"reviewText": BAD, "overall": 2.0}),
        TWO,
    ),
    "Amazon scraped": (
        "a.csv",
        f"rating,review_text\n5.0 out of 5 stars,{GOOD}\n1.0 out of 5 stars,{BAD}\n3.0 out of 5 stars,so so\n",
        TWO,
    ),
    "Google Play": ("reviews.csv", f"userName,content,score\nx,{GOOD},5\ny,{BAD},1\n", TWO),
    "airline tweets": (
        "Tweets.csv",
        f"tweet_id,airline_sentiment,text\n1,positive,{GOOD}\n2,neutral,@x plane\n3,negative,{BAD}\n",
        TWO,
    ),
    "tweets of five kinds": (
        "Corona_NLP_train.csv",
        f"UserName,Tweet,Sentiment\n1,{GOOD},Extremely Positive\n2,so so,Neutral\n3,{BAD},Extremely Negative\n",
        TWO,
    ),
    "pandas with a missing cell once": ("a.csv", f",text,label\n0,{GOOD},1.0\n1,{BAD},0.0\n", TWO),
    "pandas, floats in JSON": ("a.jsonl", lines({"text": GOOD, "label": 1.0}, {"text": BAD, "label": 0.0}), TWO),
    "pandas, columns": ("a.json", json.dumps({"text": {"0": GOOD, "1": BAD}, "label": {"0": 1, "1": 0}}), TWO),
    "pandas, records": ("a.json", json.dumps([{"text": GOOD, "label": 1}, {"text": BAD, "label": 0}]), TWO),
    "JSON in several lines": (
        "a.json",
        json.dumps([{"text": GOOD, "label": 1}, {"text": BAD, "label": 0}], indent=1),
        TWO,
    ),
    "JSON in an object": ("a.json", json.dumps({"v": 1, "data": [{"text": t, "label": y} for t, y in TWO]}), TWO),
    "JSON, lists": ("a.json", json.dumps({"text": [GOOD, BAD], "label": [1, 0]}), TWO),
    "a list called jsonl": ("a.jsonl", json.dumps([{"text": GOOD, "label": 1}, {"text": BAD, "label": 0}]), TWO),
    "Hugging Face": (
        "train.jsonl",
        lines({"text": GOOD, "label": 1, "label_text": "pos"}, {"text": BAD, "label": 0}),
        TWO,
    ),
    "true and false": ("a.jsonl", lines({"text": GOOD, "label": True}, {"text": BAD, "label": False}), TWO),
    "JSON after a mark": ("a.jsonl", "\ufeff" + lines({"text": GOOD, "label": 1}, {"text": BAD, "label": 0}), TWO),
    "ndjson with CRLF": (
        "a.ndjson",
        lines({"text": GOOD, "label": 1}, {"text": BAD, "label": 0}).replace("\n", "\r\n"),
        TWO,
    ),
    "Excel's Unicode text": ("a.txt", f"text\tlabel\r\n{GOOD}\t1\r\n{BAD}\t0\r\n".encode("utf-16"), TWO),
    "UTF-16 without a mark": ("a.tsv", f"text\tlabel\r\n{GOOD}\t1\r\n{BAD}\t0\r\n".encode("utf-16-le"), TWO),
    "Excel's CSV UTF-8": ("a.csv", f"\ufefftext;label\r\n{GOOD};1\r\n{BAD};0\r\n", TWO),
    "Excel with sep=": ("a.csv", f"sep=;\r\ntext;label\r\n{GOOD};1\r\n{BAD};0\r\n", TWO),
    "an old Mac's": ("a.csv", f"text,label\r{GOOD},1\r{BAD},0\r", TWO),
    "tabs called csv": ("a.csv", f'text\tlabel\n"{GOOD}"\t1\n{BAD}\t0\n', TWO),
    "bars": ("a.csv", f"{GOOD}|1\n{BAD}|0\n", TWO),
    "commas in a text file": ("a.txt", f"{GOOD},1\n{BAD},0\n", TWO),
    "semicolons beside commas": ("a.csv", f"Well, {GOOD};1\nWell, {BAD};0\n", [(f"Well, {one}", y) for one, y in TWO]),
    "a column and its name in quotes": ("a.tsv", f'"text"\t"label"\n{GOOD}\t"1"\n{BAD}\t"0"\n', TWO),
    "names in capitals with blanks": ("a.csv", f"Id, Text , LABEL\n1,{GOOD}, 1\n2,{BAD}, 0\n", TWO),
    "label first": ("a.csv", f"1,{GOOD}\n0,{BAD}\n", TWO),
    "one word each": ("a.csv", "1,good\n0,bad\n", [("good", True), ("bad", False)]),
    "one word each, label last": ("a.csv", "good,1\nbad,0\nfine,1\n", [("good", True), ("bad", False), ("fine", True)]),
    "words for labels, one word each": (
        "a.csv",
        "good,positive\nfine,positive\nbad,negative\n",
        [("good", True), ("fine", True), ("bad", False)],
    ),
    "emoticons": ("a.tsv", f"{GOOD}\t:)\n{BAD}\t:-(\n", TWO),
    "emoji": ("a.csv", f"tweet,label\n{GOOD},😀\n{BAD},😡\n", TWO),
    "-1 and 1": ("a.csv", f"text,label\n{GOOD},1\n{BAD},-1\nso so,0\n", TWO),
    "a text over several lines": (
        "a.csv",
        'text,label\n"one\n\ntwo",1\n\nthree,0\n',
        [("one\n\ntwo", True), ("three", False)],
    ),
    "a line end in a column's name": ("a.csv", f'text,"my\r\nlabel",label\n{GOOD},x,1\n{BAD},y,0\n', TWO),
    "an empty text": ("a.csv", f"text,label\n,1\n{BAD},0\n", [("", True), (BAD, False)]),
    "bars in a text with tabs": ("a.tsv", f"a | b | c\t1\n{BAD}\t0\n", [("a | b | c", True), (BAD, False)]),
    "text that begins like JSON": (
        "a.txt",
        f"[spoiler] {GOOD}\t1\n{{sic}} {BAD}\t0\n",
        [(f"[spoiler] {GOOD}", True), (f"{{sic}} {BAD}", False)],
    ),
}


@pytest.mark.parametrize("case", READ)
def test_is_read(tmp_path, case):
    name, content, expected = READ[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_labelled_texts(path)
    assert list(zip(found.texts, found.labels, strict=True)) == expected


def test_names_over_two_lines_are_told_on_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"my\nwords",label\na,1\n')
    with pytest.raises(UserError, match="no text column found among my words, label"):
        read_labelled_texts(path)
    assert read_labelled_texts(path, "my words").texts == ["a"]


def test_columns_without_names_are_said_by_number(tmp_path):
    path = tmp_path / "sentiment140.csv"
    rows = [f'"4","1","Mon","NO_QUERY","x","{GOOD}"', f'"0","2","Tue","NO_QUERY","y","{BAD}"']
    path.write_text("\n".join(rows))
    with pytest.raises(UserError, match=r"6 columns without names .* --set text_column=N --set label_column=N"):
        read_labelled_texts(path)
    assert read_labelled_texts(path, "6", "1").texts == [GOOD, BAD]
    path.write_text("a,b,c,d,e,f\n" + "\n".join(rows))
    assert read_labelled_texts(path, "6", "1").labels == [True, False]
    for columns, message in ((("6", ""), "say both columns"), (("7", "1"), "no column 7"), (("0", "1"), "no column 0")):
        with pytest.raises(UserError, match=message):
            read_labelled_texts(path, *columns)


REFUSED = {
    "tweet_eval": ("a.csv", "text,label\na,0\nb,1\nc,2\n", r'row 4: the label "2" .* --set labels="0=0,1=none,2=1"'),
    "other classes": ("a.csv", "text,label\na,ham\nb,spam\n", r'row 2: the label "ham" .* --set labels="ham=1,spam=0"'),
    "other classes without names": (
        "a.tsv",
        "a\tham\nb\tspam\nc\tham\n",
        r'row 1: the label "ham" .*labels="ham=1,spam=0"',
    ),
    "scores": ("a.csv", "text,label\na,0.69\nb,0.12\n", r'row 2: the label "0\.69" is not understood'),
    "no label": ("a.csv", "text,label\na,1\nb,\n", r"row 3: the label is missing"),
    "null": ("a.jsonl", lines({"text": "a", "label": None}), r'row 1, column "label": the label is missing \(null\)'),
    "an object": (
        "a.jsonl",
        lines({"text": "a", "label": {"name": "pos"}}),
        r'row 1, column "label": the label is \{"name": "pos"\}\. Write it as one text or number',
    ),
    "a list": ("a.jsonl", lines({"text": "a", "labels": [1]}), r'row 1, column "labels": the label is \[1\]'),
    "a text in pieces": (
        "a.jsonl",
        lines({"text": ["a", "b"], "label": 1}),
        r'column "text": the text is \["a", "b"\]',
    ),
    "no text": ("a.jsonl", lines({"text": None, "label": 1}), r'column "text": the text is missing \(null\)'),
    "half of a pair": (
        "a.jsonl",
        '{"text": "ok", "label": 1}\n{"text": "a\\ud800", "label": 0}\n',
        r"row 2, column \"text\": the text has half of a pair \(a lone surrogate\) at character 1",
    ),
    "half of a pair in a label": ("a.jsonl", '{"text": "a", "label": "\\udfff"}\n', r"half of a pair"),
    "nested deep": ("a.jsonl", "[" * 100_000 + "]" * 100_000, r"a\.jsonl.* not JSON"),
    "a nested object": ("a.jsonl", '{"a":' * 100_000 + "1" + "}" * 100_000, r"a\.jsonl, row 1: not JSON"),
    "said twice": ("a.jsonl", '{"text": "a", "label": 1, "label": 0}\n', r'row 1: "label" is there twice'),
    "two columns called label": ("a.csv", "text,label,label\na,1,0\n", r'2 columns are called "label"'),
    "two columns called Label": ("a.tsv", "text\tLabel\tlabel \na\t1\t0\n", r'2 columns are called "label"'),
    "two columns called text": ("a.csv", "text,Text,label\na,b,0\n", r'2 columns are called "text"'),
    "both may be labels": ("a.csv", "good,positive\nbad,negative\n", r"both columns could be labels"),
    "two labels a line": ("a.txt", "__label__1 __label__2 a\n", r"row 1: more than one label"),
    "a line without a label": ("a.txt", "__label__1 a\n" * 300 + "b\n", r"row 301: no __label__ in front"),
    "control signs": (
        "a.csv",
        "text,label\na,1\nb,x\x1b]0;y\x07\u202e\n",
        r"row 3: the label \"x\\x1b\]0;y\\x07\\u202e\" is not .*good=1,bad=0",
    ),
    "a comma too many": (
        "a.csv",
        "text,label\nfine, really,1\n",
        r"row 2: 3 columns where 2 belong\. A text with a comma in it must stand in quotes\.",
    ),
    "a quotation mark open": (
        "a.csv",
        'text,label\n"fine,1\n' + "bad,0\n" * 5,
        r"row 2: unexpected end .* never closed",
    ),
    "a long cell": ("a.csv", 'text,label\nok,1\n"' + "x" * 140_000 + ",1\n", r"row 3: field larger .* never closed"),
    "Latin-1": ("a.csv", "text,label\ncaf\xe9,1\n".encode("latin-1"), r"line 2: byte 14 \(0xe9\) is not valid UTF-8"),
    "zeros": ("a.csv", b"text,label\na\0b,1\n", r"a binary file \(byte 12 is zero\)"),
    "zeros at the end": ("a.csv", b"text,label\n" + b"a,1\n" * 5000 + b"\0", r"a binary file \(byte 20011 is zero\)"),
    "a spreadsheet": (
        "a.xlsx",
        b"PK\3\4\0\0xl/workbook.xml",
        r"an Excel file .*, not labelled texts\. Save the sheet as CSV",
    ),
    "a web page": ("a.csv", "<!DOCTYPE html><p>text,label\n", r"a web page or XML, not labelled texts\. Give"),
    "Parquet": ("a.parquet", b"PAR1\x15\x04\0\0", r"not a Parquet file, or a damaged one"),
    "UTF-16 cut short": ("a.csv", "text,label\na,1\n".encode("utf-16")[:-1], r"byte \d+ is not valid UTF-16"),
    "prose": ("a.txt", "It was a lovely day.\nAnd so on.\n", r"row 1: 1 column without names"),
    "a list of texts": ("a.json", '["a", "b"]', r"row 1: expected an object"),
    "no objects": ("a.json", "[]", r"no objects in it"),
    "neutral only": ("a.csv", "text,label\na,neutral\n", r"every text is labelled neutral"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused_in_one_line(tmp_path, case):
    name, content, message = REFUSED[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=message) as error:
        read_labelled_texts(path)
    assert str(error.value).startswith(str(path))
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 600
    assert str(error.value).isprintable()


def test_how_labels_were_read_and_what_was_left_out_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,stars\na,5\nb,1\nc,3\nd,3\n")
    (note,) = read_labelled_texts(path).notes
    assert "1 and 2 of 5 stars are negative, 3 neither, 4 and 5 positive (--set labels=… says otherwise)" in note
    assert "2 text(s) labelled neither left out" in note
    path.write_text("text,label\na,1\nb,0\n")
    assert read_labelled_texts(path).notes == ()
    path.write_text("text,label\na  b,1\nb,0\n,1\n,0\na b,0\n")
    (note,) = read_labelled_texts(path).notes
    assert note.endswith('2 text(s) are empty; 1 text(s) occur with more than one label, such as "a b".')


def test_what_a_run_is_measured_on_is_not_told_of_settings(tmp_path):
    path = tmp_path / "a.csv"
    for content, told in {
        "text,label\na,1\nb,17\n": "The run tells negative, positive apart: write one of these",
        "a day\n": "1 column without names where two belong.*name the columns as where the run was trained",
        "text,a,b\nx,y,z\n": "no label column found among text, a, b.*name the columns as where the run",
    }.items():
        path.write_text(content)
        with pytest.raises(UserError, match=told) as error:
            load_test(str(path))
        assert "--set" not in str(error.value)


def test_labels_can_be_mapped(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,ham\nb,spam\nc,unsure\n")
    found = read_labelled_texts(path, labels="ham=1,spam=0,unsure=none")
    assert (found.texts, found.labels) == (["a", "b"], [True, False])
    path.write_text("text,label\na,0\nb,1\nc,2\n")
    assert read_labelled_texts(path, labels="0=0,1=none,2=1").labels == [False, True]
    assert read_labelled_texts(path, labels="0=1,1=1,2=0").labels == [True, True, False]
    path.write_text("ham,a\nspam,b\nham,c\n")
    assert read_labelled_texts(path, labels="ham=1,spam=0").texts == ["a", "b", "c"]


def test_labels_mean_the_same_in_all_files_of_a_folder(tmp_path):
    (tmp_path / "train.csv").write_text("text,stars\na,5\nb,1\nc,4\n")
    (tmp_path / "test.csv").write_text("text,stars\na,1\nb,2\n")
    splits = load_splits(str(tmp_path))
    assert splits.test.labels == [False, False]
    assert all("of 5 stars" in note for note in splits.notes)


def test_other_data_are_read_by_the_scale_of_the_run_where_it_fits(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,1\nb,2\n")
    assert load_test(str(path), scale="5 stars").labels == [False, False]
    assert load_test(str(path), scale="0 and 1").labels == [False, True]


def make_texts(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"this is\n{name} <br /> indeed\n")


def test_folders_named_by_labels(tmp_path):
    make_texts(tmp_path, "pos/0_9.txt", "pos/1_7.txt", "neg/0_1.txt", "neg/1_2.txt", "unsup/0_0.txt", "pos/.hidden.txt")
    splits = load_splits(str(tmp_path))
    assert len(splits.train) + len(splits.test) == 4
    assert sum(splits.train.labels) == 1
    assert splits.train.texts[0].startswith("this is ")
    assert "left out unsup" in splits.notes[0]


def test_aclimdb(tmp_path):
    for part in ("train", "test"):
        make_texts(tmp_path / part, "pos/0_9.txt", "neg/0_1.txt", "unsup/0_0.txt", "labeledBow.feat", "urls_pos.txt")
    splits = load_splits(str(tmp_path))
    assert splits.train.texts == ["this is neg/0_1.txt <br /> indeed", "this is pos/0_9.txt <br /> indeed"]
    assert splits.test.labels == [False, True]
    assert load_test(str(tmp_path)).texts == splits.test.texts


def test_folders_that_are_no_data(tmp_path):
    make_texts(tmp_path, "cats/1.txt", "dogs/1.txt")
    with pytest.raises(UserError, match=r"no texts in it. Expected folders named by labels, such as pos and neg"):
        load_splits(str(tmp_path))
    (tmp_path / "train.csv").write_text("text,label\na,1\nb,0\n")
    (tmp_path / "train.tsv").write_text("text\tlabel\na\t1\nb\t0\n")
    with pytest.raises(UserError, match=r"train.tsv and train.csv are both there"):
        load_splits(str(tmp_path))


SIGNS = [",", ";", "\t", "|", '"', "\n", "\r", "\0", "{", "}", "[", "]", "\ufeff", "\\ud800", ":", " ", "é", "😀"]
WORDS = [
    "text",
    "label",
    "__label__",
    "1",
    "0",
    "-1",
    "5",
    "good",
    "bad",
    "null",
    "1e999",
    "sep=",
    '{"text": "a", "label": 1}',
]


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(SIGNS + WORDS), max_size=30).map("".join),
    st.sampled_from(["csv", "tsv", "txt", "json", "jsonl"]),
    st.sampled_from([("", ""), ("1", "2"), ("text", "label"), ("9", "1"), ("text", "")]),
)
def test_anything_is_read_or_refused_in_one_line(tmp_path_factory, content, suffix, columns):
    path = tmp_path_factory.mktemp("any") / f"a.{suffix}"
    path.write_bytes(content.encode())
    try:
        said = f"{len(read_labelled_texts(path, *columns))} texts"
    except UserError as error:
        said = str(error)
    assert len(said.splitlines()) == 1
