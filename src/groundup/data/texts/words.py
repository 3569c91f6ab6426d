"""Texts cut into words, the same way here and in the ``tokenizer.json`` that other tools open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING_WORD, UNKNOWN_WORD = "<padding>", "<unknown>"

# The negation of "don't" and the ending of "film's" are words of their own; so is every mark, and a run of dots.
PATTERN = r"n['’]t\b|['’]\w+|\w+?(?=n['’]t\b)|\w+|\.\.+|[^\w\s]"
_WORD = re.compile(PATTERN)


def split_words(text: str) -> list[str]:
    """Cut a text into words in lower case.

    Examples
    --------
    >>> split_words("The film's great, but I can't sit through it again...")
    ['the', 'film', "'s", 'great', ',', 'but', 'i', 'ca', "n't", 'sit', 'through', 'it', 'again', '...']
    """
    return _WORD.findall(text.lower().replace("’", "'"))


def make_word_tokenizer(words: Sequence[str]) -> Tokenizer:
    """Build the Hugging Face tokenizer that numbers ``words`` from 1, padding 0 and unknown words last.

    It cuts as `split_words` does.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    numbers = {PADDING_WORD: 0, **{word: number for number, word in enumerate(words, start=1)}}
    numbers[UNKNOWN_WORD] = len(words) + 1
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN_WORD))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace("’", "'")])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    tokenizer.enable_padding(pad_id=0, pad_token=PADDING_WORD)
    return tokenizer


def read_words(tokenizer: Tokenizer) -> list[str]:
    """Return the words of a tokenizer made by `make_word_tokenizer`, in the order of their numbers.

    Raises
    ------
    ValueError
        The numbers are not padding, words from 1, and unknown.
    """
    numbers = tokenizer.get_vocab()
    words = sorted(numbers, key=numbers.__getitem__)
    in_order = [numbers[word] for word in words] == list(range(len(words)))
    if len(words) < 2 or not in_order or (words[0], words[-1]) != (PADDING_WORD, UNKNOWN_WORD):
        raise ValueError("not a tokenizer of whole words numbered from 1")
    return words[1:-1]
