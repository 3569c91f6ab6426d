r"""A greedy tokenizer, and how a fixed list of tokens treats numbers, rare words and the length of a text.

Greedy longest match reads a text from left to right. At each position it takes the longest token of the vocabulary
that matches there. If no token matches, the single character becomes a token, so that nothing is lost:

    "".join(tokens) == text

BERT's WordPiece splits a word in the same way (described by Song et al., "Fast WordPiece tokenization", 2021), except
that it marks tokens inside a word and has a special token for words that cannot be split. Two neighboring numbers may
be split very differently, which makes arithmetic hard for a language model (Wallace et al., "Do NLP models know
numbers?", 2019). Fertility,

.. math:: \mathrm{fertility} = \frac{\text{tokens}}{\text{words}}

measures how finely a tokenizer splits a language. A fertility of 1 means one token per word; a language with a much
higher fertility needs more tokens, and so more computation, for the same text (Rust et al., "How good is your
tokenizer?", 2021).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


def tokenize_greedily(text: str, vocabulary: Collection[str]) -> list[str]:
    """Split a text into tokens from left to right, each the longest that matches.

    Parameters
    ----------
    text : str
        Any text; white space is treated like any other character.
    vocabulary : collection of str
        The tokens; for a mapping from tokens to numbers, its keys. The empty token is never used.

    Returns
    -------
    list of str
        Tokens, and single characters where no token matches; joined, they give the text.

    Examples
    --------
    >>> tokenize_greedily("unlocked", {"un", "lock", "locked", "ed"})
    ['un', 'locked']

    Greedy matching does not always give the fewest tokens: after "ab", "c" and "d" are single characters.

    >>> tokenize_greedily("abcd", {"a", "ab", "bcd"})
    ['ab', 'c', 'd']
    """
    tokens = frozenset(vocabulary)
    longest = max(map(len, tokens), default=0)
    found: list[str] = []
    place = 0
    while place < len(text):
        length = min(longest, len(text) - place)
        while length > 1 and text[place : place + length] not in tokens:
            length -= 1
        found.append(text[place : place + max(length, 1)])
        place += len(found[-1])
    return found


def tokenize_numbers(numbers: Iterable[int | float], vocabulary: Collection[str]) -> list[list[str]]:
    """Split each number, written in decimal, into tokens.

    Parameters
    ----------
    numbers : iterable of int or float
        Converted with ``str``: 42 gives "42", -0.5 gives "-0.5".
    vocabulary : collection of str
        The tokens.

    Returns
    -------
    list of list of str
        The tokens of every number.

    Examples
    --------
    Neighboring numbers are split differently, because one of them happens to be a token:

    >>> tokenize_numbers([379, 380, 381], {"38", "380", "37", "9", "1"})
    [['37', '9'], ['380'], ['38', '1']]
    """
    return [tokenize_greedily(str(number), vocabulary) for number in numbers]


def count_tokens(text: str, vocabulary: Collection[str]) -> int:
    """Count the tokens of a text, including white space.

    Parameters
    ----------
    text : str
        Any text.
    vocabulary : collection of str
        The tokens.

    Returns
    -------
    int
        0 for the empty text.

    Examples
    --------
    >>> count_tokens("the cat", {"the", "cat"})
    3
    """
    return len(tokenize_greedily(text, vocabulary))


def fertility_score(text: str, vocabulary: Collection[str]) -> float:
    """Return the number of tokens per word of a text.

    Parameters
    ----------
    text : str
        Words are separated by white space; the tokens of the white space are counted, too.
    vocabulary : collection of str
        The tokens.

    Returns
    -------
    float
        Tokens per word; 0.0 for a text without words.

    Examples
    --------
    >>> fertility_score("the cat", {"the", "cat"})
    1.5
    >>> fertility_score("the cat", {"the", " cat"})
    1.0
    """
    words = len(text.split())
    return count_tokens(text, vocabulary) / words if words else 0.0
