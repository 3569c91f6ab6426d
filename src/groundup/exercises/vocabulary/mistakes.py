"""The known mistakes in a vocabulary of characters, as edits of `groundup.steps.c5_words.vocabulary`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CLASS = "CharacterVocabulary"
BUILD, ENCODE, DECODE = f"{CLASS}.__init__", f"{CLASS}.encode", f"{CLASS}.decode"
SORTED = "sorted(set(text))"
NUMBERS = "[self.numbers[character] for character in text]"
JOINED = '"".join(self.characters[number] for number in numbers)'
# What refuses a character that has no number.
LOOKED_FOR = (
    "for place, character in enumerate(text):\n"
    "            if character not in self.numbers:\n"
    '                raise ValueError(f"character {character!r} at place {place} is not in the vocabulary")\n'
    "        "
)


def build(new: str) -> list[Edit]:
    """Return the edit that takes other characters, or another order."""
    return [Edit(SORTED, new, BUILD)]


def encode(new: str) -> list[Edit]:
    """Return the edits that encode otherwise; what has no number is no error of ours then."""
    return [Edit(LOOKED_FOR, "", ENCODE), Edit(NUMBERS, new, ENCODE)]


def decode(new: str) -> list[Edit]:
    """Return the edit that decodes otherwise."""
    return [Edit(JOINED, new, DECODE)]


ORDER = [
    Mistake(
        "not sorted",
        "You number the characters in the order in which they appear: sort them first.",
        build("list(dict.fromkeys(text))"),
    ),
    Mistake(
        "sorted backwards",
        "You sort the characters in reverse order. Use sorted(…) without reverse=True.",
        build("sorted(set(text), reverse=True)"),
    ),
    Mistake(
        "sorted without regard to capitals",
        "You sort as if capitals were lower-case letters. Python sorts all capitals before the lower-case "
        "letters: sorted without a key.",
        build("sorted(sorted(set(text)), key=str.lower)"),
    ),
    Mistake(
        "sorted without regard to capitals, in order of appearance",
        "You sort as if capitals were lower-case letters. Python sorts all capitals before the lower-case "
        "letters: sorted without a key.",
        build("sorted(dict.fromkeys(text), key=str.lower)"),
    ),
    Mistake(
        "small letters before capitals",
        "You sort lower-case letters before capitals: Python sorts them after the capitals.",
        build("sorted(set(text), key=str.swapcase)"),
    ),
    Mistake(
        "numbered by frequency",
        "You give the most frequent character the number 0. The characters are numbered in their sorted order.",
        build("sorted(dict.fromkeys(text), key=lambda character: -text.count(character))"),
    ),
    Mistake(
        "numbered by frequency, then sorted",
        "You give the most frequent character the number 0. The characters are numbered in their sorted order.",
        build("sorted(set(text), key=lambda character: (-text.count(character), character))"),
    ),
    Mistake(
        "numbered by rarity",
        "You give the rarest character the number 0. The characters are numbered in their sorted order.",
        build("sorted(dict.fromkeys(text), key=text.count)"),
    ),
    Mistake(
        "numbered from 1",
        "You number the characters from 1. There is no padding here: the first character is 0.",
        [Edit("enumerate(self.characters)", "enumerate(self.characters, start=1)", BUILD)],
    ),
    Mistake(
        "Unicode numbers",
        "You take each character's Unicode number (ord). Number the characters of this text 0, 1, 2, … in sorted "
        "order instead: enumerate(sorted(set(text))).",
        [
            Edit(
                "{character: number for number, character in enumerate(self.characters)}",
                "{character: ord(character) for character in self.characters}",
                BUILD,
            )
        ],
    ),
]

WHICH = [
    Mistake(
        "repeated characters kept",
        "You number every occurrence: a character that occurs twice has one number. Make a set of them first.",
        build("sorted(text)"),
    ),
    Mistake(
        "repeated characters kept, not sorted",
        "You number every position of the text, so that a repeated character has several. Make a set of them "
        "first, and sort it.",
        build("list(text)"),
    ),
    Mistake(
        "only characters that occur once",
        "You leave out characters that occur more than once: each has one number.",
        build("sorted(one for one in set(text) if text.count(one) == 1)"),
    ),
    Mistake(
        "words instead of characters",
        "You number the words: the tokens here are single characters.",
        build("sorted(set(text.split()))"),
    ),
    Mistake(
        "lower-cased",
        "You convert everything to lower case: “X” and “x” are two characters.",
        build("sorted(set(text.lower()))"),
    ),
    Mistake(
        "upper-cased",
        "You convert everything to upper case: “X” and “x” are two characters.",
        build("sorted(set(text.upper()))"),
    ),
    Mistake(
        "white space left out",
        "You leave white space out: a space and a line end are characters like others.",
        build('sorted(set("".join(text.split())))'),
    ),
    Mistake(
        "spaces left out",
        "You leave spaces out: a space is a character like others.",
        build('sorted(set(text.replace(" ", "")))'),
    ),
    Mistake(
        "line ends left out",
        "You leave line ends out: they are characters like others.",
        build('sorted(set(text.replace("\\n", "")))'),
    ),
    Mistake(
        "white space at the ends left out",
        "You strip the text before you number its characters: white space at its ends is text, too.",
        build("sorted(set(text.strip()))"),
    ),
    Mistake(
        "letters only",
        "You number letters alone: digits, white space and punctuation are characters, too.",
        build("sorted(one for one in set(text) if one.isalpha())"),
    ),
    Mistake(
        "letters and digits only",
        "You number letters and digits alone: white space and punctuation are characters, too.",
        build("sorted(one for one in set(text) if one.isalnum())"),
    ),
    Mistake(
        "letters, digits and spaces only",
        "You leave out punctuation and line ends: they are characters like others.",
        build('sorted(one for one in set(text) if one.isalnum() or one == " ")'),
    ),
    Mistake(
        "the alphabet instead of the text",
        "You number the alphabet: number the characters that this text holds.",
        build('sorted("abcdefghijklmnopqrstuvwxyz")'),
    ),
]

RESULTS = [
    Mistake(
        "dictionaries in the other order",
        "The two dictionaries are right, but in the other order: character → number comes first.",
        [Edit("self.characters = sorted", "self.exchanged = True\n        self.characters = sorted", BUILD)],
    ),
    Mistake(
        "the first dictionary twice",
        "You return character → number in both places: the second dictionary is number → character.",
        [Edit("self.characters = sorted", "self.twice = True\n        self.characters = sorted", BUILD)],
    ),
    Mistake(
        "a list instead of the second dictionary",
        "Your second result is a list of the characters: a dictionary is asked for, number → character.",
        [Edit("self.characters = sorted", "self.listed = True\n        self.characters = sorted", BUILD)],
    ),
]

ENCODING = [
    Mistake(
        "a vocabulary of encode's own",
        "Your encode numbers the characters of its own text: take the numbers from the dictionary that is passed in.",
        encode("[sorted(set(text)).index(character) for character in text]"),
    ),
    Mistake(
        "positions in the sorted dictionary",
        "Your encode takes the position of a character among the sorted keys: take the number that the "
        "dictionary has for it.",
        encode("[sorted(self.numbers).index(character) for character in text]"),
    ),
    Mistake(
        "positions in the dictionary",
        "Your encode takes the position of a character in the dictionary: take the number that the dictionary "
        "has for it.",
        encode("[[*self.numbers].index(character) for character in text]"),
    ),
    Mistake(
        "repeated characters encoded once",
        "You encode a repeated character only once: a text of five characters becomes five numbers.",
        encode("[self.numbers[character] for character in dict.fromkeys(text)]"),
    ),
    Mistake(
        "encoded backwards",
        "Your numbers are in reverse order. Return them in the order of the text: look for reversed or [::-1] in "
        "the line that makes the list.",
        encode("[self.numbers[character] for character in text[::-1]]"),
    ),
    Mistake(
        "encoded numbers sorted",
        "You sort the numbers: they are in the order of the text.",
        encode("sorted(self.numbers[character] for character in text)"),
    ),
    Mistake(
        "different numbers sorted",
        "You encode each different character once, in sorted order: a text of five characters becomes five numbers, in its order.",
        encode("sorted({self.numbers[character] for character in text})"),
    ),
    Mistake(
        "white space at the ends not encoded",
        "You strip the text before you encode it: white space at its ends is text, too.",
        encode("[self.numbers[character] for character in text.strip()]"),
    ),
    Mistake(
        "white space not encoded",
        "You leave white space out when you encode: it is text, too.",
        encode('[self.numbers[character] for character in "".join(text.split())]'),
    ),
    Mistake(
        "spaces not encoded",
        "You leave spaces out when you encode: a space is text, too.",
        encode('[self.numbers[character] for character in text if character != " "]'),
    ),
    Mistake(
        "small letters encoded",
        "You convert the text to lower case before you encode it: “X” and “x” have numbers of their own.",
        encode("[self.numbers[character] for character in text.lower()]"),
    ),
    Mistake(
        "the number 0 for capitals",
        "You convert the text to lower case before you encode it: “X” and “x” have numbers of their own.",
        encode("[self.numbers.get(character, 0) for character in text.lower()]"),
    ),
    Mistake(
        "numbers one too large",
        "Your numbers are one too large: take what the dictionary says.",
        encode("[self.numbers[character] + 1 for character in text]"),
    ),
    Mistake(
        "text of numbers",
        "You return the numbers as text: return a list of whole numbers.",
        encode("[str(self.numbers[character]) for character in text]"),
    ),
    Mistake(
        "characters instead of numbers",
        "Your encode returns the characters: return the number of each.",
        encode("[character for character in text]"),
    ),
    *(
        Mistake(
            f"numbers joined to a text{where}",
            "Your encode joins the numbers to one text: return a list of integers.",
            encode(f"'{gap}'.join(str(self.numbers[character]) for character in text)"),
        )
        for gap, where in (("", ""), (" ", ", with spaces"))
    ),
    Mistake(
        "Unicode numbers encoded",
        "Your encode takes each character's Unicode number (ord): take its number in the dictionary.",
        encode("[ord(character) for character in text]"),
    ),
    Mistake(
        "the last character not encoded",
        "You leave out the last character. Look for a slice such as [:-1] or a range that ends one too early.",
        encode("[self.numbers[character] for character in text[:-1]]"),
    ),
    Mistake(
        "number 0 left out",
        "You leave out the number 0: `if number` is false for it. Ask `if number is not None`, or not at all.",
        encode("[self.numbers[character] for character in text if self.numbers[character]]"),
    ),
]

DECODING = [
    Mistake(
        "decoded backwards",
        "Your text is reversed. Join the characters in the order of the numbers: look for reversed or [::-1].",
        decode('"".join(self.characters[number] for number in numbers[::-1])'),
    ),
    Mistake(
        "spaces between the characters",
        "You join the characters with spaces: join them with nothing.",
        decode('" ".join(self.characters[number] for number in numbers)'),
    ),
    Mistake(
        "commas between the characters",
        "You join the characters with commas: join them with nothing.",
        decode('",".join(self.characters[number] for number in numbers)'),
    ),
    Mistake(
        "line ends between the characters",
        "You join the characters with line ends: join them with nothing.",
        decode('"\\n".join(self.characters[number] for number in numbers)'),
    ),
    Mistake(
        "a space after every character",
        "You put a space after every character: join them with nothing.",
        decode('"".join(self.characters[number] + " " for number in numbers)'),
    ),
    Mistake(
        "a list instead of text",
        "You return a list of characters: join them to one text.",
        decode("[self.characters[number] for number in numbers]"),
    ),
    Mistake(
        "text of a list",
        'You turn a list into text, brackets and all: join its characters with "".join.',
        decode("str([self.characters[number] for number in numbers])"),
    ),
    Mistake(
        "repeated numbers decoded once",
        "You decode a repeated number only once. Go through the list itself, not through a set of its numbers.",
        decode('"".join(self.characters[number] for number in dict.fromkeys(numbers))'),
    ),
    Mistake(
        "numbers sorted before decoding",
        "You sort before you decode: the characters are in the order of the numbers in the list.",
        decode('"".join(self.characters[number] for number in sorted(numbers))'),
    ),
    Mistake(
        "white space stripped in decoding",
        "You strip the decoded text: white space at its ends is text, too.",
        decode('"".join(self.characters[number] for number in numbers).strip()'),
    ),
    Mistake(
        "white space stripped at the end in decoding",
        "You strip white space from the end of the decoded text: it is text, too.",
        decode('"".join(self.characters[number] for number in numbers).rstrip()'),
    ),
    Mistake(
        "white space lost in decoding",
        "You drop white space when you decode: it is text, too.",
        decode('"".join("".join(self.characters[number] for number in numbers).split())'),
    ),
    Mistake(
        "capital at the beginning",
        "You make a capital of the first letter, and small ones of the others: the text comes out as it was.",
        decode('"".join(self.characters[number] for number in numbers).capitalize()'),
    ),
    Mistake(
        "small letters decoded",
        "Your text is in lower case. Keep the capitals.",
        decode('"".join(self.characters[number] for number in numbers).lower()'),
    ),
    Mistake(
        "number 0 not decoded",
        "You leave out the number 0, as if it were padding: it is a character here.",
        decode('"".join(self.characters[number] for number in numbers if number)'),
    ),
    Mistake(
        "the last number not decoded",
        "You leave out the last number. Look for a slice such as [:-1] or a range that ends one too early.",
        decode('"".join(self.characters[number] for number in numbers[:-1])'),
    ),
    Mistake(
        "the first character alone",
        "You return the first character alone: is there a return inside the loop?",
        decode('"".join(self.characters[number] for number in numbers[:1])'),
    ),
    Mistake(
        "Unicode characters decoded",
        "Your decode takes the character with this Unicode number (chr): take the one that the dictionary has.",
        decode('"".join(chr(number) for number in numbers)'),
    ),
    Mistake(
        "numbers joined",
        "You join the numbers themselves: look each one up in the dictionary.",
        decode('"".join(str(number) for number in numbers)'),
    ),
    Mistake(
        "one number too far",
        "You look up the number after: the dictionary has each one as it is.",
        decode('"".join(self.characters[(number + 1) % len(self.characters)] for number in numbers)'),
    ),
    Mistake(
        "no numbers not thought of",
        'For an empty list your decode fails: it gives the empty text. reduce needs "" as its third argument.',
        decode(
            '__import__("functools").reduce(lambda text, one: text + one, (self.characters[number] for number in numbers))'
        ),
    ),
    Mistake(
        "the first of no numbers",
        "For an empty list your decode fails, since there is no first number: it gives the empty text.",
        decode('self.characters[numbers[0]] + "".join(self.characters[number] for number in numbers[1:])'),
    ),
]

MISTAKES = [*ORDER, *WHICH, *RESULTS, *ENCODING, *DECODING]
