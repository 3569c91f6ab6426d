"""The names in a play: a list of short texts, made when it is asked for."""

from __future__ import annotations

import re
import zlib
from collections import Counter

_SPEAKER = re.compile(r"(?:\A|(?<=\n\n))([^\n:]+):\n")
_SPOKEN_OF = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
_BEHIND_ARTICLE = re.compile(r"\b(?:[Aa]n?|[Tt]h(?:e|ese|ose)|[Ee]very|[Nn]o) ([A-Z][a-z]+)\b")
_ROMAN_NUMBER = re.compile(r"[IVXLC]+")
ARTICLE_SHARE = 1 / 3


def find_names(play: str) -> list[str]:
    r"""Return the names of people and places in a play, each once, in an order in which like names do not meet.

    A speaker's name is in capitals on a line of its own. Any other name has a capital letter inside a line. A word that
    also occurs in small letters is no name ("First Citizen", "KING"), nor is one that often has an article ("a Roman"),
    nor the plural of a name. The order is that of checksums, so that any part of the list is like the rest.

    Parameters
    ----------
    play : str
        Speeches with an empty line between them, each below its speaker's name and a colon.

    Examples
    --------
    >>> find_names("KING LEAR:\nCome, my Cordelia!\n\nFirst Lord:\nO king, a Roman and my lord, the Romans first.\n")
    ['Cordelia', 'Lear']
    """
    speakers = {
        word.capitalize()
        for speaker in _SPEAKER.findall(play)
        for word in re.findall(r"\b[A-Z]{3,}\b", speaker)
        if not _ROMAN_NUMBER.fullmatch(word)
    }
    speeches = _SPEAKER.sub("", play)
    small = set(re.findall(r"\b[a-z]+\b", speeches))
    counts = Counter(re.findall(r"\b[A-Z][a-z]{2,}\b", speeches))
    articles = Counter(_BEHIND_ARTICLE.findall(speeches))
    things = {word for word in articles if articles[word] >= ARTICLE_SHARE * counts[word]}
    words = speakers | set(_SPOKEN_OF.findall(speeches))
    plurals = {word + ending for word in words for ending in ("s", "es")}
    names = {word for word in words - plurals if word.lower() not in small and word not in things - speakers}
    return sorted(names, key=lambda name: zlib.crc32(name.encode()))
