r"""Edges of a tokenizer: what a fixed list of tokens does to numbers, to rare words, to the length of a text.

Greedy longest match reads a text from the left. At each place it takes the longest token of the vocabulary that the
text goes on with; where none fits, the single character stands alone, so that nothing is lost:

    "".join(tokens) == text

It is how BERT's WordPiece cuts a word (Song et al., "Fast WordPiece tokenization", 2021, describe it), but for its
marks inside a word and its token for words that cannot be cut. Two numbers one apart may be cut quite differently,
which makes arithmetic hard for a language model (Wallace et al., "Do NLP models know numbers?", 2019). Fertility,

.. math:: \mathrm{fertility} = \frac{\text{tokens}}{\text{words}}

says how finely a tokenizer cuts a language: one is a token a word, and a language far above one pays more for the same
text (Rust et al., "How good is your tokenizer?", 2021).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


def tokenize_greedily(text: str, vocabulary: Collection[str]) -> list[str]:
    """Cut a text into tokens, from the left, each the longest that fits.

    Parameters
    ----------
    text : str
        Any text; white space is a character like another.
    vocabulary : collection of str
        The tokens; of a mapping from tokens to numbers, its keys. The empty token is never taken.

    Returns
    -------
    list of str
        Tokens, and single characters where no token fits; joined, they are the text again.

    Examples
    --------
    >>> tokenize_greedily("unlocked", {"un", "lock", "locked", "ed"})
    ['un', 'locked']

    Greedy is not fewest: taking "ab" leaves "c" and "d" to stand alone.

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
    """Cut each number, written in decimal, into tokens.

    Parameters
    ----------
    numbers : iterable of int or float
        Written as ``str`` writes them: 42 is "42", -0.5 is "-0.5".
    vocabulary : collection of str
        The tokens.

    Returns
    -------
    list of list of str
        The tokens of every number.

    Examples
    --------
    Neighbours fall apart differently as soon as one of them happens to be a token:

    >>> tokenize_numbers([379, 380, 381], {"38", "380", "37", "9", "1"})
    [['37', '9'], ['380'], ['38', '1']]
    """
    return [tokenize_greedily(str(number), vocabulary) for number in numbers]


def count_tokens(text: str, vocabulary: Collection[str]) -> int:
    """Count the tokens of a text, white space included.

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
    """Return how many tokens of the whole text there are to a word.

    Parameters
    ----------
    text : str
        Its words are what white space separates; white space counts among the tokens.
    vocabulary : collection of str
        The tokens.

    Returns
    -------
    float
        Tokens per word; 0.0 for a text of no words.

    Examples
    --------
    >>> fertility_score("the cat", {"the", "cat"})
    1.5
    >>> fertility_score("the cat", {"the", " cat"})
    1.0
    """
    words = len(text.split())
    return count_tokens(text, vocabulary) / words if words else 0.0
