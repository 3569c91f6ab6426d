def greedy(text, vocabulary):
    if not text:
        return []
    best = max((t for t in vocabulary if text.startswith(t)), key=len, default=text[0])
    return [best] + greedy(text[len(best) :], vocabulary)


def tokenize_numbers(numbers, vocabulary):
    return [greedy(f"{number}", vocabulary) for number in numbers]


def count_tokens(text, vocabulary):
    return sum(1 for _ in greedy(text, vocabulary))


def fertility_score(text, vocabulary):
    try:
        return count_tokens(text, vocabulary) / len(text.split())
    except ZeroDivisionError:
        return 0.0
