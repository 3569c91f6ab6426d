import re


def cut(text, vocabulary):
    pieces = sorted(vocabulary, key=len, reverse=True)
    return re.findall("|".join([*map(re.escape, pieces), "."]), text, re.DOTALL)


def tokenize_numbers(numbers, vocabulary):
    return [cut(str(number), vocabulary) for number in numbers]


def count_tokens(text, vocabulary):
    return len(cut(text, vocabulary))


def fertility_score(text, vocabulary):
    return len(cut(text, vocabulary)) / max(1, len(text.split())) if text.strip() else 0
