"""Reads the name of a file or folder, as people and platforms write it: an exercise, a person, or neither.

Words are told apart by whatever is between them and by capitals, so that ``layer_norm``, ``LayerNorm`` and
``01 layer-norm (2)`` tell the same exercise. Of several exercises in one name the longest is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from groundup.exercises.registry import list_names, read_stub, read_title

_WORD = re.compile(r"\d+|[^\W\d_]+")
# Between small and capital letters, and between Latin and other letters.
_HUMP = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    r"|(?<=[A-Za-z])(?=[^\x00-\u036f])|(?<=[^\x00-\u036f])(?=[A-Za-z])"
)
_CHUNK = re.compile(r"[^ _\-.,()\[\]{}\t\n]+")


def _list_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What people and systems add to a file's name: which copy, which version, which piece of homework, which language.
_ADDED = _list_words("""
    v ver version rev revision copy of kopie copia copie new neu old alt final finale latest newest draft fixed fix
    corrected correct better done ok working works clean resubmission resubmit resubmitted submission submissions
    submit submitted abgabe answer answers antwort solution solutions lösung loesung exercise exercises übung uebung ex
    task tasks aufgabe aufgaben homework homeworks hausaufgabe hw assignment assignments ps problem problems set sheet
    blatt week weeks wk woche lab labs chapter lecture late my mine the file files attachment attachments code main
    script py ipynb python numpy torch pytorch notebook untitled unbenannt attempt try implementation impl function
    func source loss layer module model network groundup checkpoint devoir exercice tarea ejercicio esercizio compito
    tp td
""")
# What is beside those no person's name for a folder; in a file's name it may be all there is.
_GATHERING = _list_words("""
    group gruppe team class course kurs cohort section semester term spring summer autumn fall winter year day part
    unit session topic project work exam midterm quiz data src download downloads upload uploads student students
    learner learners user users participant participants first second third last misc other others
""")
_COUNTED = _list_words("group gruppe team class section student learner user participant anonymous anon person")
_BESIDE = _list_words("test tests testing util utils helper helpers notes plot plots plotting demo demos tools")
_NUMBERED = re.compile(r"([^\W\d_]*?)\d{0,3}")
_LETTER = re.compile(r"[^\W\d_]\d{0,3}")
_YEAR = re.compile(r"(?:19|20)\d\d")

# Usual words for an exercise that are neither its name nor its title.
_USUAL = {
    "BPE": "byte-pair",
    "KV cache": "key-value-cache",
    "multi head self attention": "multi-head-attention",
    "positional embedding": "positional-encoding",
    "positional embeddings": "positional-encoding",
}

_MOODLE = r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?"
_BLACKBOARD = r".*?_(?P<who>[^_]+)_attempt_\d{4}(?:-\d\d){5}(?:_(?P<rest>.*))?(?P<number>)"
_CANVAS = r"(?P<who>[^_]*[^\W\d_][^_]*)_(?:LATE_)?(?P<number>\d{2,})_\d{2,}_(?P<rest>.+)"
_BRIGHTSPACE = r"(?P<number>\d+-\d+) ?- ?(?P<who>.+?) ?- ?[A-Z]\w+ \d{1,2}, ?\d{4} \d+ ?[AP]M(?: ?- ?(?P<rest>.+))?"
_PLATFORMS = [re.compile(form, re.DOTALL) for form in (_MOODLE, _BLACKBOARD, _CANVAS, _BRIGHTSPACE)]


@dataclass(frozen=True)
class Exported:
    """What a learning platform put into a name.

    Attributes
    ----------
    who : str
        The learner.
    number : str
        What tells two learners of one name apart; empty where names are unique.
    rest : str
        The name of the learner's own choice; empty for a folder.
    """

    who: str
    number: str
    rest: str


@dataclass(frozen=True)
class Told:
    """What a name tells.

    Attributes
    ----------
    exercises : tuple of str
        The exercise; several where it could be any of them; none if it tells none.
    person : str
        What is left when the exercise, numbers of versions and the like are taken away.
    beside : bool
        Whether it is called what people call tests and helpers that lie beside an answer.
    """

    exercises: tuple[str, ...]
    person: str
    beside: bool = False


def read_name(text: str) -> Told:
    """Return what a name, without its suffix, tells.

    Examples
    --------
    >>> read_name("Ada Lovelace - Layer_Norm (2)")
    Told(exercises=('layer-norm',), person='Ada Lovelace', beside=False)
    >>> read_name("hw3_final_v2").person
    ''
    """
    text = unicodedata.normalize("NFC", text)
    words = list(_split_words(text))
    exercises, first, last = _find_exercise(words)
    parts = [text[: words[first][1]], text[words[last][2] :]] if exercises else [text]
    people = [person for part in parts if (person := strip_added(part))]
    others = {word.casefold() for word, _, _ in words[:first] + words[last + 1 :]}
    return Told(exercises, " ".join(people), not _BESIDE.isdisjoint(others))


def read_export(text: str) -> Exported | None:
    """Return what a learning platform put into a name; None if none did.

    Examples
    --------
    >>> read_export("adalovelace_LATE_12345_67890_softmax-2")
    Exported(who='adalovelace', number='12345', rest='softmax-2')
    """
    text = unicodedata.normalize("NFC", text)
    for form in _PLATFORMS:
        found = form.fullmatch(text)
        who = found["who"].strip() if found else ""
        if found and who and (not is_nobody(who) or who.casefold() in _COUNTED):
            # Where learners are not named, numbers tell them apart.
            who = f"{who} {found['number']}" if who.casefold() in _COUNTED else who
            return Exported(who, found["number"], found["rest"] or "")
    return None


def is_nobody(text: str) -> bool:
    """Tell whether a folder's name is no person's: numbers, single letters, weeks, groups and the like.

    Examples
    --------
    >>> is_nobody("week 3"), is_nobody("submission_120394"), is_nobody("ada")
    (True, False, False)
    """
    chunks = _CHUNK.findall(unicodedata.normalize("NFC", text))
    return all(_is_added(chunk) or _is_in(chunk, _GATHERING) or _LETTER.fullmatch(chunk) for chunk in chunks)


def name_shape(text: str) -> str:
    """Return what a counted name has in common with its like: ``group 1`` with ``group 2``.

    Examples
    --------
    >>> name_shape("Week 3") == name_shape("week 12")
    True
    """
    return re.sub(r"\d+", "#", text.casefold())


def make_key(text: str) -> str:
    """Return what several spellings of one person's name have in common.

    Examples
    --------
    >>> make_key("Ada_Lovelace") == make_key("ada lovelace")
    True
    """
    return " ".join(_CHUNK.findall(unicodedata.normalize("NFC", text).casefold())) or text


def _split_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a name and where they stand."""
    for found in _WORD.finditer(text):
        start = found.start()
        for part in _HUMP.split(found.group()):
            yield part, start, start + len(part)
            start += len(part)


def _squash(words: Iterable[str]) -> str:
    """Return words as one, without case, in one spelling."""
    whole = unicodedata.normalize("NFKC", "".join(words)).casefold()
    return whole.replace("iz", "is").replace("headed", "head")


def _squash_text(text: str) -> str:
    return _squash(word for word, _, _ in _split_words(text))


@cache
def _list_phrases() -> dict[str, tuple[str, ...]]:
    """Return every way to call an exercise, squashed, and the exercises that may be meant.

    They are its name, its title, what stands before a colon in it, and the classes of its stub.
    """
    phrases: dict[str, tuple[str, ...]] = {}
    for name in list_names():
        title = read_title(name)
        bare = re.sub(r"^(?:A|An|The) ", "", title)
        classes = set(re.findall(r"^class (\w+)", read_stub(name), re.MULTILINE)) - {"Solution"}
        for phrase in sorted({*map(_squash_text, (title, bare, bare.partition(":")[0], *classes))}):
            phrases[phrase] = (*phrases.get(phrase, ()), name)
    phrases |= {_squash_text(usual): (name,) for usual, name in _USUAL.items()}
    return {**phrases, **{_squash_text(name): (name,) for name in list_names()}}


def _find_exercise(words: list[tuple[str, int, int]]) -> tuple[tuple[str, ...], int, int]:
    """Return the exercises that may be meant, and the first and last of the words that say so."""
    phrases = _list_phrases()
    longest = 2 * max(map(len, phrases))
    found: list[tuple[str, int, int]] = []
    for first in range(len(words)):
        phrase = ""
        for last in range(first, len(words)):
            phrase += words[last][0]
            if len(phrase) > longest:
                break
            if (squashed := _squash([phrase])) in phrases:
                found.append((squashed, first, last))
    most = max((len(phrase) for phrase, _, _ in found), default=0)
    best = [one for one in found if len(one[0]) == most]
    if not best:
        return (), 0, -1
    meant = tuple(dict.fromkeys(name for phrase, _, _ in best for name in phrases[phrase]))
    return meant, best[0][1], best[0][2]


def strip_added(text: str) -> str:
    """Return a name without what was added at its beginning and end; empty if nothing else is there.

    Examples
    --------
    >>> strip_added("hw2 Ada Lovelace (final)")
    'Ada Lovelace'
    """
    spans = [found.span() for found in _CHUNK.finditer(text)]
    while spans and _is_added(text[slice(*spans[0])]):
        del spans[0]
    while spans and _is_added(text[slice(*spans[-1])]):
        if len(spans) > 1 and _is_in(text[slice(*spans[-2])], _COUNTED):
            break
        del spans[-1]
    return text[spans[0][0] : spans[-1][1]] if spans else ""


def _is_added(chunk: str) -> bool:
    """Tell whether a piece of a name is a number of up to three digits, a year, or a word that is added to names."""
    return _YEAR.fullmatch(chunk) is not None or not any(map(str.isalnum, chunk)) or _is_in(chunk, _ADDED | _BESIDE)


def _is_in(chunk: str, words: frozenset[str]) -> bool:
    """Tell whether a piece of a name is made of some words, with or without a number after them."""
    found = _NUMBERED.fullmatch(chunk)
    return found is not None and all(word.casefold() in words for word, _, _ in _split_words(found[1]))
