"""The known mistakes in a vocabulary with an unknown word, as edits of `groundup.steps.c5_words.vocabulary`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

BUILD, ENCODE, PAD = "Vocabulary.__init__", "Vocabulary.encode", "pad"
WORDS = "sorted({word for sentence in sentences for word in sentence.split()})"
GET = "self.numbers.get(word, self.unknown)"
NUMBERS = f"[{GET} for word in sentence.split()]"
FILLED = "torch.full((len(sentences), length), PADDING, dtype=torch.int64)"


def build(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the vocabulary."""
    return Mistake(name, says, [Edit(old, new, BUILD)])


def encode(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the numbers of a sentence."""
    return Mistake(name, says, [Edit(f"return {NUMBERS}", f"return {new}", ENCODE)])


def pad(name: str, says: str, *changes: tuple[str, str]) -> Mistake:
    """Return a mistake in the table of several sentences."""
    return Mistake(name, says, [Edit(old, new, PAD) for old, new in changes])


VOCABULARY = [
    build(
        "not sorted",
        "You number the words in the order in which they appear: sort them first.",
        WORDS,
        "list(dict.fromkeys(word for sentence in sentences for word in sentence.split()))",
    ),
    build(
        "sorted backwards",
        "You sort the words in reverse order. Use sorted(…) without reverse=True.",
        WORDS,
        WORDS[:-1] + ", reverse=True)",
    ),
    build(
        "sorted without regard to capitals",
        "You sort capitals among the lower-case letters. Python's own order is meant: capitals come first.",
        WORDS,
        WORDS[:-1] + ", key=str.lower)",
    ),
    build(
        "numbered from 0",
        "You number the words from 0. 0 is for padding: the first word is 1.",
        "start=1",
        "start=0",
    ),
    build(
        "numbered from 2",
        "You number the words from 2. The unknown word has the last number, not the first: the first word is 1.",
        "start=1",
        "start=2",
    ),
    build(
        "repeated words numbered again",
        "A word that occurs twice is counted twice, so that numbers are left out. Make a set of the words first.",
        WORDS,
        "sorted(word for sentence in sentences for word in sentence.split())",
    ),
    build(
        "lower-cased in the vocabulary",
        "You convert the words of the vocabulary to lower case: “Dog” and “dog” are two words here.",
        "sentence.split()})",
        "sentence.lower().split()})",
    ),
    build(
        "characters instead of words",
        "You number characters: split each sentence at white space.",
        "sentence.split()})",
        "sentence})",
    ),
    build(
        "only the first sentence",
        "Your vocabulary has the words of the first sentence alone: it has those of all sentences.",
        "for sentence in sentences for",
        "for sentence in list(sentences)[:1] for",
    ),
    build(
        "only the last sentence",
        "Your vocabulary has the words of the last sentence alone: collect those of all sentences.",
        "for sentence in sentences for",
        "for sentence in list(sentences)[-1:] for",
    ),
    build(
        "split at single spaces in the vocabulary",
        "You split at every single space, so that two in a row make an empty word, and so does an empty sentence. text.split() without argument does not.",
        "sentence.split()})",
        'sentence.split(" ")})',
    ),
    build(
        "padding and unknown word in the dictionary",
        "Your dictionary has padding or the unknown word in it: it holds the words of the sentences alone.",
        "start=1)}",
        'start=1)} | {"<unknown>": len(self.words) + 1}',
    ),
    build(
        "padding and unknown word, both in the dictionary",
        "Your dictionary has padding and the unknown word in it: it holds the words of the sentences alone.",
        "start=1)}",
        'start=1)} | {"<pad>": 0, "<unknown>": len(self.words) + 1}',
    ),
    build(
        "padding in the dictionary",
        "Your dictionary has padding in it: it holds the words of the sentences alone.",
        "start=1)}",
        'start=1)} | {"<pad>": 0}',
    ),
    build(
        "numbered from the most frequent word",
        "You number the words by how often they occur: sort them as Python sorts text.",
        WORDS,
        "(lambda every: sorted(dict.fromkeys(every), key=lambda word: -every.count(word)))"
        "([word for sentence in sentences for word in sentence.split()])",
    ),
]

UNKNOWN = [
    encode(
        "an unknown word taken for padding",
        "An unknown word gets 0, the number of padding, so that it is lost. It has the number after the last word: len(vocab) + 1.",
        NUMBERS.replace("self.unknown", "0"),
    ),
    encode(
        "an unknown word taken for the last one",
        "An unknown word gets len(vocab), the number of the last word. It has the number after it: len(vocab) + 1.",
        NUMBERS.replace("self.unknown", "self.unknown - 1"),
    ),
    encode(
        "the unknown number one too large",
        "An unknown word gets a number that is one too large: len(vocab) + 1.",
        NUMBERS.replace("self.unknown", "self.unknown + 1"),
    ),
    encode(
        "an unknown word taken for the first one",
        "An unknown word gets 1, the number of the first word. It has the number after the last one: len(vocab) + 1.",
        NUMBERS.replace("self.unknown", "1"),
    ),
    encode(
        "an unknown word gets −1",
        "An unknown word gets −1. An embedding has no such row: its number is len(vocab) + 1.",
        NUMBERS.replace("self.unknown", "-1"),
    ),
    encode(
        "the dictionary changed",
        "You put the unknown word into the dictionary that is passed in: code that uses it afterwards, encode itself among it, then finds another one. "
        "vocab.get(word, len(vocab) + 1) changes nothing.",
        f"(numbers := {NUMBERS}, self.numbers.setdefault('<unknown>', self.unknown))[0]",
    ),
    encode(
        "each unknown word put into the dictionary",
        "setdefault puts each unknown word into the dictionary that is passed in: the next sentence finds it there, as a known word. "
        "vocab.get(word, len(vocab) + 1) changes nothing.",
        NUMBERS.replace("get", "setdefault"),
    ),
    encode(
        "unknown words left out",
        "You leave out unknown words: each becomes the number len(vocab) + 1, so that the sentence keeps its length.",
        "[self.numbers[word] for word in sentence.split() if word in self.numbers]",
    ),
    encode(
        "an unknown word raises an error",
        "A word that is not in the vocabulary raises KeyError: vocab.get(word, len(vocab) + 1) gives the unknown number.",
        "[self.numbers[word] for word in sentence.split()]",
    ),
    encode(
        "an unknown word becomes None",
        "vocab.get(word) gives None for an unknown word: give get the unknown number as its second argument.",
        "[self.numbers.get(word) for word in sentence.split()]",
    ),
    encode(
        "unknown words added to the vocabulary",
        "You give each unknown word a number of its own and add it to the vocabulary. A trained model has no row for it: all unknown words share one number, "
        "and the dictionary stays as it is.",
        "[self.numbers.setdefault(word, len(self.numbers) + 1) for word in sentence.split()]",
    ),
    encode(
        "every unknown word numbered by itself",
        "You give each unknown word a number of its own. A trained model has no row for it: all unknown words share one number, len(vocab) + 1.",
        "(lambda numbers: [numbers.setdefault(word, len(numbers) + 1) for word in sentence.split()])(dict(self.numbers))",
    ),
    encode(
        "a word's place in the dictionary taken for its number",
        "You count at which place of the dictionary a word stands. Its number is the one that is stored there, vocab[word]: the order may be any.",
        "[list(self.numbers).index(word) + 1 if word in self.numbers else self.unknown for word in sentence.split()]",
    ),
    encode(
        "split at single spaces in encode",
        "You split at every single space, so that two in a row make an empty word, and the empty sentence has one unknown word. sentence.split() without argument "
        "does not.",
        f'[{GET} for word in sentence.split(" ")]',
    ),
    encode(
        "encoded in lower case",
        "You convert the sentence to lower case before you look it up: leave the words as they are.",
        f"[{GET} for word in sentence.lower().split()]",
    ),
    encode(
        "encoded words sorted",
        "You sort the numbers: they are in the order of the sentence.",
        f"sorted({NUMBERS})",
    ),
    encode(
        "repeated words encoded once",
        "You encode a repeated word only once: a sentence of five words becomes five numbers.",
        f"[{GET} for word in dict.fromkeys(sentence.split())]",
    ),
    encode(
        "the characters encoded",
        "You encode characters: split the sentence at white space.",
        f"[{GET} for word in sentence]",
    ),
    encode(
        "the last word not encoded",
        "You leave out the last word: does a range end one too early?",
        f"[{GET} for word in sentence.split()[:-1]]",
    ),
    encode(
        "only the first word encoded",
        "You encode the first word alone: is there a return inside the loop?",
        f"[{GET} for word in sentence.split()[:1]]",
    ),
    encode(
        "text of numbers",
        "You return the numbers as text: return integers.",
        f"[str({GET}) for word in sentence.split()]",
    ),
]

TABLES = [
    pad(
        "padded on the left",
        "You pad on the left: the zeros belong on the right, after the sentence.",
        ("row[: len(sentence)] =", "row[length - len(sentence) :] ="),
    ),
    pad(
        "padded with −1",
        "You fill up with −1: padding is 0.",
        (FILLED, FILLED.replace("PADDING", "-1")),
    ),
    pad(
        "padded with ones",
        "You fill up with 1, the number of the first word: padding is 0.",
        (FILLED, FILLED.replace("PADDING", "1")),
    ),
    pad(
        "padded by repeating",
        "You fill up with the sentence's last word: padding is 0.",
        ("row[: len(sentence)] =", "row[:] = sentence[-1] if sentence else 0\n        row[: len(sentence)] ="),
    ),
    Mistake(
        "filled up with the unknown word",
        "You fill short sentences up with the number of the unknown word, as if they had more words. Padding has a number of its own: 0.",
        [
            Edit(f"return {NUMBERS}", f"Vocabulary.last = self.unknown\n        return {NUMBERS}", ENCODE),
            Edit(FILLED, FILLED.replace("PADDING", "Vocabulary.last"), PAD),
        ],
    ),
    pad(
        "cut to the shortest",
        "You cut all sentences to the shortest one: fill the short ones up to the T = {T} words of the longest.",
        (
            "longest = max(map(len, sentences), default=0)",
            "sentences = [one[: min(map(len, sentences))] for one in sentences]\n    longest = max(map(len, sentences), default=0)",
        ),
    ),
    pad(
        "as wide as the first sentence",
        "The width comes from the first sentence, so that longer ones are cut off: it is the length of the longest, T = {T}.",
        (
            "longest = max(map(len, sentences), default=0)",
            "sentences = [one[: len(sentences[0])] for one in sentences]\n    longest = len(sentences[0])",
        ),
    ),
    pad(
        "one position too many",
        "Your rows have one position more than the longest sentence has words.",
        ("length = longest if length is None", "length = longest + 1 if length is None"),
    ),
    pad(
        "not padded",
        "Your rows have different lengths: fill the short ones up with 0.",
        ("return padded", "return [list(sentence) for sentence in sentences]"),
    ),
    pad(
        "transposed",
        "Your sentences are in columns: a row is a sentence. (pad_sequence wants batch_first=True for that.)",
        ("return padded", "return padded.T"),
    ),
    pad(
        "empty sentences left out",
        "You leave out sentences without words: each sentence has a row, of zeros here.",
        (
            "longest = max(map(len, sentences), default=0)",
            "sentences = [one for one in sentences if len(one)]\n    longest = max(map(len, sentences), default=0)",
        ),
    ),
    pad(
        "sentences without words left out, a plain empty list if there are no others",
        "You leave out sentences without words: each sentence has a row, of zeros here.",
        (
            "longest = max(map(len, sentences), default=0)",
            "sentences = [one for one in sentences if len(one)]\n    longest = max(map(len, sentences), default=0)",
        ),
        ("return padded", "return padded if len(padded) else padded.reshape(0)"),
    ),
    pad(
        "sentences sorted by length",
        "You sort the sentences by their length: they stay in their order.",
        (
            "longest = max(map(len, sentences), default=0)",
            "sentences = sorted(sentences, key=len, reverse=True)\n    longest = max(map(len, sentences), default=0)",
        ),
    ),
    pad(
        "all sentences in one row",
        "You join all sentences to one row: each has a row of its own.",
        ("return padded", "return torch.tensor([[number for one in sentences for number in one]])"),
    ),
    pad(
        "only the last sentence in the table",
        "Your table holds the last sentence alone: collect a row for each.",
        ("return padded", "return padded[-1:]"),
    ),
    pad(
        "only the first sentence in the table",
        "Your table holds the first sentence alone: is there a return inside the loop?",
        ("return padded", "return padded[:1, : len(sentences[0])]"),
    ),
]

MISTAKES = [*VOCABULARY, *UNKNOWN, *TABLES]
