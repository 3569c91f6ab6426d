"""Simple English sentences from patterns: a text so regular that a small GPT learns its grammar in seconds.

Some words have two meanings ("lead", "bank", "bark"), "runs" means something else for a man and for a river, verbs
agree with subjects that stand further away ("The keys to the old door are lost"), and "his", "her" or "its" depends on
who acts, near or far ("The queen with the old dog lost her way").
"""

from __future__ import annotations

import random
import re
from functools import cache

PEOPLE = {"man": "his", "boy": "his", "king": "his", "woman": "her", "girl": "her", "queen": "her"}
ANIMALS = {"dog": "its", "horse": "its", "cat": "its"}
LOOKS = ("tall", "old", "young", "small", "brave", "tired", "happy")
GROUPS = ("team", "group", "army")
THINGS = ("key", "box", "book", "lamp")
PLACES = ("door", "house", "garden", "tower")
# What a word can mean, and how to tell from the sentence.
MEANINGS = {
    "lead": {"to guide": r"(will|can) lead", "a metal": r"of lead"},
    "bank": {"of a river": r"bank of", "for money": r"bank in"},
    "bark": {"of a dog": r"will bark", "of a tree": r"has bark"},
    "runs": {"on legs": rf"({'|'.join(PEOPLE | ANIMALS)}) runs", "water": r"river runs", "a machine": r"engine runs"},
}


def write_sentence(chance: random.Random) -> str:
    """Return one sentence."""
    pick = chance.choice
    look, other = chance.sample(LOOKS, 2)
    person, animal = pick(list(PEOPLE)), pick(list(ANIMALS))
    actor, owns = pick(list((PEOPLE | ANIMALS).items()))
    # Either of two can be anyone: only their order tells who acts.
    companion = pick([one for one in PEOPLE | ANIMALS if one != actor])
    thing, place, many = pick(THINGS), pick(PLACES), chance.random() < 0.5
    thing += ("es" if thing == "box" else "s") * many
    place += "s" * (chance.random() < 0.5)
    return pick(
        (
            f"The {look} {person} runs {pick(('home', 'fast', 'to the house'))}.",
            f"The {look} {animal} runs {pick(('after a ball', 'around the garden'))}.",
            f"The {pick(('long', 'old', 'small'))} river runs {pick(('to the sea', 'through the valley'))}.",
            f"The {pick(('old', 'small', 'new'))} engine runs {pick(('on oil', 'all night'))}.",
            f"The {thing} to the {other} {place} {'are' if many else 'is'} lost.",
            f"The {look} {actor} lost {owns} {pick(('key', 'friend', 'way'))}.",
            f"The {actor} with the {companion} lost {owns} {pick(('key', 'friend', 'way'))}.",
            f"The {actor} with the {look} {companion} lost {owns} {pick(('key', 'friend', 'way'))}.",
            f"The {look} {actor} eats {owns} {pick(('bread', 'dinner'))}.",
            f"The {actor} and the {pick(list(ANIMALS))} eat their {pick(('bread', 'dinner'))}.",
            f"The {look} {person} will lead the {pick(GROUPS)} to the {pick(PLACES)}.",
            f"The {look} {person} can lead the {animal} home.",
            f"The {pick(('heavy', 'old'))} {pick(('pipe', 'box'))} is made of lead and {pick(('iron', 'tin'))}.",
            f"The {pick(('pipe', 'roof', 'ball'))} of lead is {pick(('heavy', 'grey', 'soft'))}.",
            f"The {look} {person} sits on the bank of the {pick(('river', 'lake'))}.",
            f"The {look} {person} takes {pick(('money', 'gold'))} to the bank in the {pick(('town', 'city'))}.",
            f"The {look} dog will bark at the {pick(('cat', 'man', 'queen'))}.",
            f"The {pick(('old', 'tall', 'young'))} tree has bark that is {pick(('brown', 'hard', 'grey'))}.",
        )
    )


def write_sentences(count: int, seed: int = 0) -> str:
    """Return so many sentences, one per line.

    Examples
    --------
    >>> len(write_sentences(3).splitlines())
    3
    """
    chance = random.Random(seed)
    return "".join(f"{write_sentence(chance)}\n" for _ in range(count))


@cache
def find_examples(word: str, count: int = 8) -> list[tuple[str, str]]:
    """Return sentences with a word of `MEANINGS`, each with what the word means there: so many for every meaning."""
    sentences = list(dict.fromkeys(write_sentences(2000, seed=1).splitlines()))
    found = []
    for meaning, pattern in MEANINGS[word].items():
        matching = [sentence for sentence in sentences if re.search(rf"{pattern}\b", sentence)]
        found += [(sentence, meaning) for sentence in matching[:count]]
    return found
