"""The known mistakes in a data set of sentences, as edits of its step."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

DATA, ENCODE = "get_dataset", "Vocabulary.encode"

STRIPPED = "''.join(letter for letter in sentence if letter not in __import__('string').punctuation)"

TRIMMED, PATTERN = "word.strip(__import__('string').punctuation)", r"__import__('re').findall(r'\w+', sentence"

RETURN = "return pad([vocabulary.encode(sentence) for sentence in sentences])"

MISTAKES = [
    Mistake(
        "not sorted",
        "You number the words in the order in which they appear: sort them first.",
        [
            Edit(
                "sorted({word for sentence in sentences for word in sentence.split()})",
                "list(dict.fromkeys(word for sentence in sentences for word in sentence.split()))",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "each list sorted by itself",
        "You number the words of the positive sentences first, then those of the negative ones. Put all words together, and sort them once.",
        [
            Edit(
                "vocabulary = Vocabulary(sentences)",
                "vocabulary, negative = Vocabulary(sentences), Vocabulary(negative).words\n"
                "    first = Vocabulary(positive).words\n"
                "    words = [*first, *(word for word in negative if word not in first)]\n"
                "    vocabulary.numbers = {word: number for number, word in enumerate(words, start=1)}",
                DATA,
            )
        ],
    ),
    Mistake(
        "a list of lists",
        "You return a list of lists: make a tensor of it, torch.tensor(rows).",
        [Edit(RETURN, f"{RETURN}.tolist()", DATA)],
    ),
    Mistake(
        "sorted backwards",
        "You sort the words in reverse order. Use sorted(…) without reverse=True.",
        [
            Edit(
                "for word in sentence.split()})",
                "for word in sentence.split()}, reverse=True)",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "sorted without regard to capitals",
        "You sort capitals among the lower-case letters. Python's own order is meant: capitals come first.",
        [
            Edit(
                "for word in sentence.split()})",
                "for word in sentence.split()}, key=str.lower)",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "numbered from 0",
        "You number the words from 0. 0 is for padding: the first word is 1.",
        [Edit("start=1", "start=0", "Vocabulary.__init__")],
    ),
    Mistake(
        "numbered from 2",
        "You number the words from 2: the first word is 1.",
        [Edit("start=1", "start=2", "Vocabulary.__init__")],
    ),
    Mistake(
        "lower-cased",
        "You convert everything to lower case: “Dog” and “dog” are two words here.",
        [
            Edit("for word in sentence.split()})", "for word in sentence.lower().split()})", "Vocabulary.__init__"),
            Edit("for word in sentence.split()]", "for word in sentence.lower().split()]", ENCODE),
        ],
    ),
    Mistake(
        "repeated words numbered twice",
        "A word that occurs twice gets two numbers: every word has one. Make a set of them first.",
        [
            Edit(
                "sorted({word for sentence in sentences for word in sentence.split()})",
                "sorted([word for sentence in sentences for word in sentence.split()])",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "the positive sentences' words only",
        "You take the vocabulary from the positive sentences only: it holds the words of all.",
        [Edit("vocabulary = Vocabulary(sentences)", "vocabulary = Vocabulary(positive)", DATA)],
    ),
    Mistake(
        "the positive sentences' words only, so that others fail",
        "You take the vocabulary from the positive sentences only, so a word that only negative ones have is not "
        "in it: it holds the "
        "words of all.",
        [
            Edit("vocabulary = Vocabulary(sentences)", "vocabulary = Vocabulary(positive)", DATA),
            Edit("self.numbers.get(word, self.unknown)", "self.numbers[word]", ENCODE),
        ],
    ),
    Mistake(
        "the negative sentences' words only, so that others fail",
        "You take the vocabulary from the negative sentences only, so a word that only positive ones have is not "
        "in it: it holds the "
        "words of all.",
        [
            Edit("vocabulary = Vocabulary(sentences)", "vocabulary = Vocabulary(negative)", DATA),
            Edit("self.numbers.get(word, self.unknown)", "self.numbers[word]", ENCODE),
        ],
    ),
    Mistake(
        "negative sentences first",
        "You put the negative sentences first: the positive ones come first.",
        [Edit("for sentence in sentences]", "for sentence in [*negative, *positive]]", DATA)],
    ),
    Mistake(
        "padded on the left",
        "You pad on the left: the zeros belong on the right, after the sentence.",
        [Edit("row[: len(sentence)] =", "row[length - len(sentence) :] =", "pad")],
    ),
    Mistake(
        "padded by repeating",
        "You fill up with the sentence's last word: padding is 0.",
        [
            Edit(
                "row[: len(sentence)] =",
                "row[:] = sentence[-1] if sentence else 0\n        row[: len(sentence)] =",
                "pad",
            )
        ],
    ),
    Mistake(
        "cut to the shortest",
        "You cut all sentences to the shortest one: fill the short ones up to the T = {T} words of the longest.",
        [
            Edit(
                RETURN,
                "return pad([vocabulary.encode(sentence)[: min(len(one.split()) for one in sentences)] for "
                "sentence in sentences])",
                DATA,
            )
        ],
    ),
    Mistake(
        "not padded",
        "Your rows have different lengths: fill the short ones up with 0, so that all together are one table.",
        [Edit(RETURN, "return [vocabulary.encode(sentence) for sentence in sentences]", DATA)],
    ),
    Mistake(
        "padded with another number",
        "You fill up with -1: padding is 0.",
        [Edit("PADDING, dtype=torch.int64", "-1, dtype=torch.int64", "pad")],
    ),
    Mistake(
        "transposed",
        "Your sentences are in columns: a row is a sentence. (pad_sequence wants batch_first=True for that.)",
        [Edit(RETURN, RETURN + ".T", DATA)],
    ),
    Mistake(
        "a vocabulary for each side",
        "You number the words of the positive and of the negative sentences apart, so one number means two words. "
        "One vocabulary holds "
        "the words of all sentences.",
        [
            Edit(
                RETURN,
                "return pad([Vocabulary(side).encode(sentence) for side in (positive, negative) for sentence in side])",
                DATA,
            )
        ],
    ),
    Mistake(
        "a table for each side",
        "You return two tables. One is asked for: the positive sentences' rows, and the negative ones' below.",
        [
            Edit(
                RETURN,
                "return tuple(pad([vocabulary.encode(sentence) for sentence in side]) for side in (positive, "
                "negative))",
                DATA,
            )
        ],
    ),
    Mistake(
        "sentences sorted",
        "You sort the sentences: only the words are sorted, to number them. The sentences stay as they come.",
        [Edit("for sentence in sentences]", "for sentence in sorted(sentences)]", DATA)],
    ),
    Mistake(
        "sorted by length",
        "You sort the words by their length: sort them as Python sorts text.",
        [
            Edit(
                "sorted({word for sentence in sentences for word in sentence.split()})",
                "sorted(sorted({word for sentence in sentences for word in sentence.split()}), key=len)",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "split at single spaces",
        "You split at every single space, so two in a row make an empty word. text.split() without argument does not.",
        [
            Edit("for word in sentence.split()})", 'for word in sentence.split(" ")})', "Vocabulary.__init__"),
            Edit("for word in sentence.split()]", 'for word in sentence.split(" ")]', ENCODE),
        ],
    ),
    Mistake(
        "one position too many",
        "Your rows have one position more than the longest sentence has words.",
        [
            Edit(
                "length = longest if length is None else length",
                "length = longest + 1 if length is None else length",
                "pad",
            )
        ],
    ),
    Mistake(
        "punctuation taken off",
        "You remove the punctuation from the words: “good!” and “good” are two words here, everything between "
        "white space is one.",
        [
            Edit("for word in sentence.split()})", f"for word in {STRIPPED}.split()}})", "Vocabulary.__init__"),
            Edit("for word in sentence.split()]", f"for word in {STRIPPED}.split()]", ENCODE),
        ],
    ),
    Mistake(
        "punctuation at the ends taken off",
        "You remove the punctuation from the words' ends: “good!” and “good” are two words here, everything "
        "between white space is one.",
        [
            Edit("{word for sentence in sentences", f"{{{TRIMMED} for sentence in sentences", "Vocabulary.__init__"),
            Edit("self.numbers.get(word,", f"self.numbers.get({TRIMMED},", ENCODE),
        ],
    ),
    Mistake(
        "punctuation taken off and lower-cased",
        "You remove punctuation and convert everything to lower case. Here everything between white space is a "
        "word as it is.",
        [
            Edit(
                "for word in sentence.split()})",
                f"for word in {STRIPPED}.lower().split()}})",
                "Vocabulary.__init__",
            ),
            Edit("for word in sentence.split()]", f"for word in {STRIPPED}.lower().split()]", ENCODE),
        ],
    ),
    Mistake(
        "only letters and digits kept together",
        "You find words with a pattern such as \\w+, which cuts “don't” in two and drops signs. Words are what "
        "white space separates: "
        "text.split().",
        [
            Edit("for word in sentence.split()})", f"for word in {PATTERN})}})", "Vocabulary.__init__"),
            Edit("for word in sentence.split()]", f"for word in {PATTERN})]", ENCODE),
        ],
    ),
    Mistake(
        "lower-cased in the sentences only",
        "You look the words up in lower-case letters, though the vocabulary has their capitals: leave them as "
        "they are.",
        [Edit("for word in sentence.split()]", "for word in sentence.lower().split()]", ENCODE)],
    ),
    Mistake(
        "words of the negative sentences only",
        "You take the vocabulary from the negative sentences only: it holds the words of all.",
        [Edit("vocabulary = Vocabulary(sentences)", "vocabulary = Vocabulary(negative)", DATA)],
    ),
    Mistake(
        "as wide as the longest positive sentence",
        "The width comes from the positive sentences only, so a longer negative one is cut off: T is the longest "
        "of all.",
        [
            Edit(
                RETURN,
                "width = max((len(one.split()) for one in positive), default=0)\n"
                "    return pad([vocabulary.encode(sentence)[:width] for sentence in sentences], width)",
                DATA,
            )
        ],
    ),
    Mistake(
        "as wide as the first sentence",
        "The width comes from the first sentence: longer ones are cut off. T is the longest of all.",
        [
            Edit(
                RETURN,
                "width = len(sentences[0].split())\n"
                "    return pad([vocabulary.encode(sentence)[:width] for sentence in sentences], width)",
                DATA,
            )
        ],
    ),
    Mistake(
        "as wide as the vocabulary",
        "Your rows are as long as there are words in the vocabulary: T is the length of the longest sentence.",
        [
            Edit(
                RETURN,
                "return pad([vocabulary.encode(sentence) for sentence in sentences], max(len(vocabulary.words), "
                "max(len(one.split()) for one in sentences)))",
                DATA,
            )
        ],
    ),
    Mistake(
        "positive and negative sentences in turns",
        "You take positive and negative sentences in turns: all positive ones come first.",
        [
            Edit(
                "for sentence in sentences]",
                "for sentence in [one for pair in __import__('itertools').zip_longest(positive, negative) for one "
                "in pair if one is not None]]",
                DATA,
            )
        ],
    ),
    Mistake(
        "equal sentences left out",
        "You leave out sentences that come twice: every sentence has a row.",
        [Edit("for sentence in sentences]", "for sentence in dict.fromkeys(sentences)]", DATA)],
    ),
    Mistake(
        "equal words of a sentence left out",
        "You leave out words that come twice in a sentence: keep every word, in its order.",
        [Edit("for word in sentence.split()]", "for word in dict.fromkeys(sentence.split())]", ENCODE)],
    ),
    Mistake(
        "the words of a sentence sorted",
        "You sort the words of each sentence: only the vocabulary is sorted, sentences stay as they come.",
        [Edit("for word in sentence.split()]", "for word in sorted(sentence.split())]", ENCODE)],
    ),
    Mistake(
        "the words counted",
        "You write how often each word of the vocabulary occurs. A row holds the sentence's words by their "
        "numbers, in their order.",
        [
            Edit(
                RETURN,
                "return torch.tensor([[sentence.split().count(word) for word in vocabulary.words] for sentence in "
                "sentences])",
                DATA,
            )
        ],
    ),
    Mistake(
        "the positive sentences only",
        "Your table holds the positive sentences only: the negative ones' rows follow below.",
        [Edit("for sentence in sentences]", "for sentence in positive]", DATA)],
    ),
    Mistake(
        "numbered from the most frequent word",
        "You number the words by how often they occur: sort them as Python sorts text.",
        [
            Edit(
                "self.words = sorted({word for sentence in sentences for word in sentence.split()})",
                "every = [word for sentence in sentences for word in sentence.split()]\n"
                "        self.words = sorted(dict.fromkeys(every), key=lambda word: -every.count(word))",
                "Vocabulary.__init__",
            )
        ],
    ),
    Mistake(
        "characters instead of words",
        "You number the characters: split each sentence at white space into words.",
        [
            Edit("for word in sentence.split()})", "for word in sentence})", "Vocabulary.__init__"),
            Edit("for word in sentence.split()]", "for word in sentence]", ENCODE),
        ],
    ),
]
