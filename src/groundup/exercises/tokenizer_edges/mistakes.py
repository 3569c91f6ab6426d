"""The known mistakes at a tokenizer's edges, as edits of `groundup.steps.c5_words.greedy_tokenizer`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

GREEDY, NUMBERS, COUNT, FERTILITY = "tokenize_greedily", "tokenize_numbers", "count_tokens", "fertility_score"
LENGTH = "length = min(longest, len(text) - place)"
LONGEST = "longest = max(map(len, tokens), default=0)"
SHORTEN = "while length > 1 and text[place : place + length] not in tokens:\n            length -= 1"
TAKEN = "text[place : place + max(length, 1)]"
TOKENS = "tokens = frozenset(vocabulary)"
EACH, ALL = "tokenize_greedily(str(number), vocabulary)", "len(tokenize_greedily(text, vocabulary))"
SCORE = "count_tokens(text, vocabulary) / words"
# The cut of fewest tokens, single characters being tokens.
FEWEST = (
    "best = [[]]\n"
    "    for end in range(1, len(text) + 1):\n"
    "        cuts = [best[start] + [text[start:end]] for start in range(end) "
    "if end - start == 1 or text[start:end] in tokens]\n"
    "        best.append(min(cuts, key=len))\n"
    "    return best[-1]"
)
ANYWHERE = (
    'inside = max((one for one in vocabulary if one in text), key=lambda one: (len(one), -text.find(one)), default="")\n'
    "    if not inside:\n"
    "        return list(text)\n"
    "    before, _, after = text.partition(inside)\n"
    "    return [*tokenize_greedily(before, vocabulary), inside, *tokenize_greedily(after, vocabulary)]\n"
    "    found: list[str] = []"
)


def cut(old: str, new: str) -> Edit:
    """Return an edit of the greedy cutting."""
    return Edit(old, new, GREEDY)


def cut_text(new: str) -> list[Edit]:
    """Return the edits that change the text before it is cut."""
    return [cut(TOKENS, f"text = {new}\n    {TOKENS}")]


def count_words(new: str) -> Edit:
    """Return the edit that counts words otherwise, and none in a text without."""
    return Edit("len(text.split())", f"({new} if text.split() else 0)", FERTILITY)


def limit(count: int) -> Mistake:
    """Return the mistake of pieces of a few characters alone."""
    return Mistake(
        f"pieces of at most {count} characters",
        f"You try pieces of at most {count} characters, so that longer tokens are never found: begin with the length of the longest "
        "token of the vocabulary.",
        [cut(LONGEST, f"longest = min({count}, max(map(len, tokens), default=0))")],
    )


CUTTING = [
    Mistake(
        "shortest match",
        "You take the shortest token that fits: greedy means the longest.",
        [
            cut(
                SHORTEN,
                "length = next((size for size in range(1, length + 1) if text[place : place + size] in tokens), 1)",
            )
        ],
    ),
    Mistake(
        "single characters only",
        "You take single characters only: at each position take the longest token that fits.",
        [cut(LENGTH, "length = 1")],
    ),
    Mistake(
        "the first match of the vocabulary",
        "You take the first token of the vocabulary that fits. Its order says nothing: of all that fit, take the longest.",
        [cut(SHORTEN, "length = next((len(token) for token in vocabulary if text.startswith(token, place)), 1)")],
    ),
    Mistake(
        "the last match of the vocabulary",
        "You take the last token of the vocabulary that fits. Its order says nothing: of all that fit, take the longest.",
        [
            cut(
                SHORTEN,
                "length = next((len(token) for token in [*vocabulary][::-1] if text.startswith(token, place)), 1)",
            )
        ],
    ),
    Mistake(
        "stops at the first piece that is no token",
        "You let a token grow one character at a time and stop at the first piece that is no token. “123” may be one although “12” is "
        "none: try the longest piece first, and make it shorter until it is a token.",
        [
            cut(
                SHORTEN,
                "length = next((size for size in range(1, length) if text[place : place + size + 1] not in tokens), max(length, 1))",
            )
        ],
    ),
    Mistake(
        "stops at the first piece that is no token, at once where the character is none",
        "You let a token grow one character at a time, and stop at the first piece that is no token. “12” may be one although “1” is "
        "none: try the longest piece first, and make it shorter until it is a token.",
        [
            cut(
                SHORTEN,
                "length = next((size for size in range(length) if text[place : place + size + 1] not in tokens), length)",
            )
        ],
    ),
    Mistake(
        "fewest tokens",
        "You look ahead for the cut with the fewest tokens. Greedy does not look ahead: take the longest token "
        "at each position, from the left.",
        [cut("found: list[str] = []", FEWEST)],
    ),
    Mistake(
        "the longest token anywhere first",
        "You look for the longest token anywhere in the text, and then to its left and right. It goes from the left: the longest token at the beginning first.",
        [cut("found: list[str] = []", ANYWHERE)],
    ),
    Mistake(
        "the first character alone compared",
        "You take a token that begins with the same character, whether the rest of it fits or not. A token fits if the text goes on with all of it.",
        [cut(TAKEN, "max((one for one in vocabulary if one[:1] == text[place]), key=len, default=text[place])")],
    ),
    Mistake(
        "cut from the right",
        "You cut from the right. It goes from the left: the longest token at the beginning first.",
        [
            cut(
                "found: list[str] = []",
                "found, end = [], len(text)\n"
                "    while end:\n"
                "        start = next((one for one in range(max(0, end - longest), end) if text[one:end] in tokens), end - 1)\n"
                "        found, end = [text[start:end], *found], start\n"
                "    return found",
            )
        ],
    ),
    limit(2),
    limit(3),
    limit(4),
    limit(5),
    Mistake(
        "longest token never tried",
        "You never try the longest tokens of the vocabulary: your longest length is one too small.",
        [cut(LONGEST, f"{LONGEST} - 1")],
    ),
    Mistake(
        "the last character left out of the pieces",
        "Your pieces never reach the end of the text: a slice text[i:j] ends before j, so j may be len(text).",
        [cut(LENGTH, "length = min(longest, max(len(text) - place - 1, 1))")],
    ),
    Mistake(
        "the last character dropped",
        "You stop one character before the end of the text. Look at the condition of the loop: continue while "
        "the position is less than len(text).",
        [cut("while place < len(text):", "while place < len(text) - 1:")],
    ),
    Mistake(
        "one position on after every token",
        "After a token you continue at the next character, so that tokens overlap: continue after the token.",
        [cut("place += len(found[-1])", "place += 1")],
    ),
]

UNKNOWN = [
    Mistake(
        "the rest after an unknown character in one piece",
        "Where no token fits you take all that is left as one piece. Only the one character becomes a token of "
        "its own; then continue after it.",
        [cut("max(length, 1)", "(length if text[place : place + length] in tokens else len(text))")],
    ),
    Mistake(
        "unknown characters next to each other in one piece",
        "You put characters where no token fits together into one piece: each of them becomes a token of its own.",
        [
            cut(
                "place += len(found[-1])",
                "place += len(found[-1])\n"
                "        if len(found) > 1 and found[-1] not in tokens and found[-2] not in tokens:\n"
                "            found[-2:] = [found[-2] + found[-1]]\n"
                "            place = sum(map(len, found))",
            )
        ],
    ),
    Mistake(
        "unknown characters dropped",
        "Where no token fits you drop the character: it becomes a token of its own, so that nothing of the text "
        "is lost.",
        [cut("return found", "return [token for token in found if token in tokens]")],
    ),
    Mistake(
        "all is over at an unknown character",
        "Where no token fits you stop: the single character becomes a token of its own, and then continue after it.",
        [
            cut(
                f"found.append({TAKEN})",
                f"if text[place : place + max(length, 1)] not in tokens:\n            break\n        found.append({TAKEN})",
            )
        ],
    ),
    Mistake(
        "a mark instead of an unknown character",
        "Where no token fits you put a mark such as <unk>: the character itself becomes a token.",
        [cut("return found", 'return [token if token in tokens else "<unk>" for token in found]')],
    ),
    Mistake(
        "a mark instead of an unknown character, [UNK]",
        "Where no token fits you put a mark such as [UNK]: the character itself becomes a token.",
        [cut("return found", 'return [token if token in tokens else "[UNK]" for token in found]')],
    ),
    Mistake(
        "characters dropped that a token begins with",
        "A token may begin with a character and still not fit: of “21” alone, nothing fits at the 2 of 200. You "
        "drop such a character. Where no token fits, the single character becomes a token of its own.",
        [
            cut(
                "return found",
                "return [one for one in found if one in tokens or not any(token.startswith(one) for token in tokens)]",
            )
        ],
    ),
    Mistake(
        "a token expected wherever one begins",
        "A token may begin with a character and still not fit: of “21” alone, nothing fits at the 2 of 200. "
        "There you look for the longest token of an empty list. Where no token fits, the single character "
        "becomes a token of its own.",
        [
            cut(
                TAKEN,
                "max((token for token in tokens if text.startswith(token, place)), key=len) "
                "if any(token.startswith(text[place]) for token in tokens) else text[place]",
            )
        ],
    ),
    Mistake(
        "an empty vocabulary not thought of",
        "Your longest token is the max of nothing where the vocabulary is empty: max(…, default=0), so that "
        "every character becomes a token of its own.",
        [cut(", default=0", "")],
    ),
]

CHANGED = [
    Mistake(
        "text in small letters",
        "You convert the text to lower case before you cut it: “A” and “a” are two characters, and tokens have "
        "capitals, too.",
        cut_text("text.lower()"),
    ),
    Mistake(
        "capitals ignored",
        "You compare without regard to capitals: “A” and “a” are two characters, and so are the tokens with them.",
        [cut(TOKENS, "text, tokens = text.lower(), frozenset(token.lower() for token in vocabulary)")],
    ),
    Mistake(
        "white space at the ends left out",
        "You strip the text: white space at its ends is text, too, and takes tokens.",
        cut_text("text.strip()"),
    ),
    Mistake(
        "white space left out",
        "You remove all white space from the text: it is text like any other, and takes tokens.",
        cut_text('"".join(text.split())'),
    ),
    Mistake(
        "runs of white space made one space",
        "You put words together again with one space each: every blank of the text counts.",
        cut_text('" ".join(text.split())'),
    ),
    Mistake(
        "spaces taken out",
        "You remove the spaces from the text: a space is text as well, and takes a token.",
        cut_text('text.replace(" ", "")'),
    ),
    Mistake(
        "punctuation taken out",
        "You remove punctuation from the text: it is text like any other.",
        cut_text('"".join(one for one in text if one.isalnum() or one.isspace())'),
    ),
    Mistake(
        "tokens stripped",
        "You strip the tokens of the vocabulary: white space in a token belongs to it.",
        [cut(TOKENS, "tokens = frozenset(token.strip() for token in vocabulary)")],
    ),
]

IN_NUMBERS = [
    Mistake(
        "numbers cut into digits",
        "You cut numbers into single digits: they are cut like any text, into the longest tokens.",
        [Edit(EACH, "list(str(number))", NUMBERS)],
    ),
    Mistake(
        "numbers left whole",
        "You leave each number whole: cut it into the longest tokens that the vocabulary has.",
        [Edit(EACH, "[str(number)]", NUMBERS)],
    ),
    Mistake(
        "numbers whole if the vocabulary has them, digits else",
        "You take a number whole if it is a token, and cut it into digits if not: cut it into the longest tokens, from the left.",
        [Edit(EACH, "([str(number)] if str(number) in vocabulary else list(str(number)))", NUMBERS)],
    ),
    Mistake(
        "numbers cut from the right",
        "You cut numbers from the right. Here it goes from the left, as with any text.",
        [
            Edit(
                EACH,
                "[token[::-1] for token in tokenize_greedily(str(number)[::-1], [one[::-1] for one in vocabulary])][::-1]",
                NUMBERS,
            )
        ],
    ),
    Mistake(
        "tokens' numbers instead of the tokens",
        "You return the tokens' numbers in the vocabulary: return the tokens themselves.",
        [Edit(EACH, "[vocabulary.get(token, token) for token in tokenize_greedily(str(number), vocabulary)]", NUMBERS)],
    ),
    Mistake(
        "tokens' numbers, −1 for unknown characters",
        "You return the tokens' numbers in the vocabulary: return the tokens themselves.",
        [Edit(EACH, "[vocabulary.get(token, -1) for token in tokenize_greedily(str(number), vocabulary)]", NUMBERS)],
    ),
    Mistake(
        "how many tokens instead of which",
        "You return how many tokens each number has: return the tokens themselves.",
        [Edit(EACH, f"len({EACH})", NUMBERS)],
    ),
    Mistake(
        "tokens joined again",
        "You join the tokens of a number with spaces: return them as a list.",
        [Edit(EACH, f'" ".join({EACH})', NUMBERS)],
    ),
    Mistake(
        "all numbers in one list",
        "You put the tokens of all numbers into one list: there is a list for each number.",
        [Edit(f"[{EACH} for number in numbers]", f"[token for number in numbers for token in {EACH}]", NUMBERS)],
    ),
    Mistake(
        "a dictionary of the numbers",
        "You return a dictionary: return a list with a list of tokens for each number, in their order.",
        [Edit(f"[{EACH} for number in numbers]", f"{{number: {EACH} for number in numbers}}", NUMBERS)],
    ),
    Mistake(
        "the last number only",
        "You return the tokens of the last number only: collect a list for each number.",
        [Edit(f"[{EACH} for number in numbers]", f"([{EACH} for number in numbers] or [[]])[-1]", NUMBERS)],
    ),
    Mistake(
        "numbers sorted",
        "You sort the numbers: their order stays.",
        [Edit("for number in numbers", "for number in sorted(numbers)", NUMBERS)],
    ),
    Mistake(
        "equal numbers once",
        "You cut a number that occurs twice only once. Return one list for each number of the input, repeated "
        "ones, too.",
        [Edit("for number in numbers", "for number in dict.fromkeys(numbers)", NUMBERS)],
    ),
]

IN_COUNT = [
    Mistake(
        "different tokens counted",
        "You count each token once. A token that occurs twice counts twice.",
        [Edit(ALL, "len(set(tokenize_greedily(text, vocabulary)))", COUNT)],
    ),
    Mistake(
        "words cut one by one",
        "You cut each word separately and leave the white space between them out: it is text as well, and takes "
        "tokens.",
        [Edit(ALL, "sum(len(tokenize_greedily(word, vocabulary)) for word in text.split())", COUNT)],
    ),
    Mistake(
        "words cut one by one, a token for each space between",
        "You cut each word separately and add one for each gap between words: a token may run over a space, and "
        "blanks may be several. Cut the whole text.",
        [
            Edit(
                ALL,
                "sum(len(tokenize_greedily(word, vocabulary)) for word in text.split()) + max(len(text.split()) - 1, 0)",
                COUNT,
            )
        ],
    ),
    Mistake(
        "tokens of white space not counted",
        "You do not count tokens that are nothing but white space: they count, too.",
        [Edit(ALL, "sum(1 for token in tokenize_greedily(text, vocabulary) if token.strip())", COUNT)],
    ),
    Mistake(
        "only known tokens counted",
        "You count only pieces that the vocabulary has: a character where no token fits is a token, too.",
        [Edit(ALL, "sum(token in vocabulary for token in tokenize_greedily(text, vocabulary))", COUNT)],
    ),
    Mistake(
        "characters counted",
        "You count characters: count the tokens.",
        [Edit(ALL, "len(text)", COUNT)],
    ),
    Mistake(
        "words counted",
        "You count words: count the tokens.",
        [Edit(ALL, "len(text.split())", COUNT)],
    ),
    Mistake(
        "occurrences of every token counted",
        "You count how often each token of the vocabulary occurs anywhere. Cut the text from the left, and count the pieces.",
        [Edit(ALL, "sum(text.count(token) for token in vocabulary)", COUNT)],
    ),
    Mistake(
        "tokens of the vocabulary counted that occur",
        "You count the tokens of the vocabulary that occur anywhere. Cut the text from the left, and count the pieces.",
        [Edit(ALL, "sum(token in text for token in vocabulary)", COUNT)],
    ),
    Mistake(
        "the tokens instead of how many",
        "You return the tokens: return how many there are.",
        [
            Edit(ALL, "tokenize_greedily(text, vocabulary)", COUNT),
            Edit(SCORE, "len(count_tokens(text, vocabulary)) / words", FERTILITY),
        ],
    ),
    Mistake(
        "one token too many",
        "You count one token too many. Return the length of the list of tokens, without + 1.",
        [Edit(ALL, f"{ALL} + 1", COUNT)],
    ),
]

IN_FERTILITY = [
    Mistake(
        "words per token",
        "You divide words by tokens. Fertility is the number of tokens divided by the number of words.",
        [Edit(SCORE, "words / count_tokens(text, vocabulary)", FERTILITY)],
    ),
    Mistake(
        "a text without words divided by 0",
        "A text without words has 0 to divide by, which is an error. Its score is 0: `if not words: return 0.0`.",
        [Edit(f"return {SCORE} if words else 0.0", f"return {SCORE}", FERTILITY)],
    ),
    Mistake(
        "a text without words divided by 1",
        "A text without words has the score 0. You divide by 1 there, so that its white space counts.",
        [Edit("len(text.split())", "max(1, len(text.split()))", FERTILITY)],
    ),
    Mistake(
        "rounded down",
        "You divide with //, which cuts the fraction off: divide with /.",
        [Edit("vocabulary) / words", "vocabulary) // words", FERTILITY)],
    ),
    Mistake(
        "different words counted",
        "You count a word that occurs twice only once: divide by all the words.",
        [Edit("text.split()", "set(text.split())", FERTILITY)],
    ),
    Mistake(
        "tokens per character",
        "You divide by the number of characters: divide by the number of words.",
        [Edit("words = len(text.split())", "words = len(text) if text.split() else 0", FERTILITY)],
    ),
    Mistake(
        "tokens per letter",
        "You divide by the number of characters that are no white space: divide by the number of words.",
        [Edit("words = len(text.split())", 'words = len("".join(text.split()))', FERTILITY)],
    ),
    Mistake(
        "words split at single spaces",
        "You split at every single space, so two spaces in a row make an empty word, and a line end parts nothing. text.split() without "
        "argument does neither.",
        [count_words('len(text.split(" "))')],
    ),
    Mistake(
        "words split at single spaces, in a text without words, too",
        "You split at every single space, so two spaces in a row make an empty word, a line end parts nothing, and a text of nothing but white space has words. "
        "text.split() without argument does none of this.",
        [Edit("len(text.split())", 'len(text.split(" "))', FERTILITY)],
    ),
    Mistake(
        "words split at single spaces, the ends stripped",
        "You split at every single space, so two spaces in a row make an empty word, and a line end parts nothing. text.split() without "
        "argument does neither.",
        [count_words('len(text.strip().split(" "))')],
    ),
    Mistake(
        "number of spaces instead of words",
        "You divide by the number of spaces: divide by the number of words.",
        [count_words('text.count(" ")')],
    ),
    Mistake(
        "words of letters and digits only",
        "You count runs of letters and digits as words: a word is what white space separates, punctuation included.",
        [Edit("len(text.split())", "len(__import__('re').findall(r'\\w+', text))", FERTILITY)],
    ),
    Mistake(
        "only words of the vocabulary counted",
        "You count only words that are tokens themselves: divide by all words.",
        [Edit("len(text.split())", "sum(word in vocabulary for word in text.split())", FERTILITY)],
    ),
    Mistake(
        "sentences instead of words",
        "You divide by the number of lines: divide by the number of words.",
        [count_words("len(text.splitlines())")],
    ),
    Mistake(
        "mean of the words' own tokens",
        "You average over the words cut one by one, which leaves out the white space between them: count the tokens of the whole text.",
        [
            Edit(
                SCORE,
                "sum(count_tokens(word, vocabulary) for word in text.split()) / words",
                FERTILITY,
            )
        ],
    ),
    Mistake(
        "score rounded to 2 places",
        "You round the score to 2 decimal places. Keep at least 4 decimal places, or do not round.",
        [Edit(f"return {SCORE} if words else 0.0", f"return round({SCORE}, 2) if words else 0.0", FERTILITY)],
    ),
    Mistake(
        "score rounded to a whole number",
        "You round the score to a whole number. Keep at least 4 decimal places, or do not round.",
        [Edit(f"return {SCORE} if words else 0.0", f"return round({SCORE}) if words else 0.0", FERTILITY)],
    ),
    Mistake(
        "score rounded to 1 place",
        "You round the score to 1 decimal place. Keep at least 4 decimal places, or do not round.",
        [Edit(f"return {SCORE} if words else 0.0", f"return round({SCORE}, 1) if words else 0.0", FERTILITY)],
    ),
]

MISTAKES = [*CUTTING, *UNKNOWN, *CHANGED, *IN_NUMBERS, *IN_COUNT, *IN_FERTILITY]
