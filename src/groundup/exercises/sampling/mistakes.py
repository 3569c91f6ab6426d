"""The known mistakes in sampling, as edits of `groundup.steps.c5_words.sampling`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CHOOSE, TOP = "choose_token", "keep_top_k"
SCALE = "(logits - logits.max()) / temperature"
KEEP = "logits = keep_top_k(logits, top_k)"
DRAW = "int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))"
RETURN = f"return {DRAW}"
MASK = "logits.masked_fill(logits < smallest, -torch.inf)"

CUT = "logits.masked_fill_(logits < logits.topk(min(top_k or len(logits), len(logits))).values[-1], -torch.inf)"


def edit_draw(new: str) -> Edit:
    """Return the edit that draws otherwise."""
    return Edit(RETURN, new, CHOOSE)


ZERO = [
    Mistake(
        "temperature 0 divides by zero",
        "At temperature 0 you divide by zero: that makes infinities or NaN. Test for it first, with an if, and "
        "return the most likely token (argmax) without drawing.",
        [Edit("if temperature == 0:", "if False:", CHOOSE)],
    ),
    Mistake(
        "Python's own division by a temperature of 0",
        "At temperature 0 you divide by zero. Test for it first, with an if, and return the most likely token "
        "(argmax) without drawing.",
        [
            Edit("if temperature == 0:", "if False:", CHOOSE),
            Edit(SCALE, "(logits - logits.max()) * (1 / temperature)", CHOOSE),
        ],
    ),
    Mistake(
        "temperature 0 taken for 1",
        "At temperature 0 you draw as at temperature 1. It means that nothing is drawn: return the most likely "
        "token (argmax).",
        [Edit("if temperature == 0:", "if temperature == 0:\n        temperature = 1.0\n    if False:", CHOOSE)],
    ),
    Mistake(
        "the least likely at temperature 0",
        "At temperature 0 you take the least likely token: the most likely has the largest logit (argmax).",
        [Edit("logits.argmax()", "logits.argmin()", CHOOSE)],
    ),
    Mistake(
        "always the most likely below temperature 1",
        "Below temperature 1 you always take the most likely token. Do that only at temperature 0: below 1 the "
        "likely tokens become even more likely, but the others can still be drawn.",
        [Edit("if temperature == 0:", "if temperature < 1:", CHOOSE)],
    ),
    Mistake(
        "exponentials overflow",
        "At a small temperature the quotients are large, and exp of them overflows to infinity: infinity divided by infinity "
        "is NaN. Take torch.softmax, or subtract the largest logit before exp.",
        [
            Edit(SCALE, "logits / temperature", CHOOSE),
            Edit("logits.softmax(dim=0)", "logits.exp() / logits.exp().sum()", CHOOSE),
        ],
    ),
]

SHARES = [
    Mistake(
        "always the most likely",
        "You always take the most likely token. Do that only at temperature 0: otherwise draw, so that each "
        "token is drawn with its probability (torch.multinomial).",
        [edit_draw("return int(logits.argmax())")],
    ),
    Mistake(
        "always the most likely where top_k is given",
        "With a top_k you always take the most likely token: draw among the k most likely, in their own proportions.",
        [edit_draw(f"return int(logits.argmax()) if top_k is not None else {DRAW}")],
    ),
    Mistake(
        "every token alike",
        "You draw among all tokens alike: the logits' softmax gives the probability of each.",
        [Edit("logits.softmax(dim=0)", "(logits > -torch.inf).float()", CHOOSE)],
    ),
    Mistake(
        "the k most likely alike",
        "You draw each of the k most likely tokens with the same probability. They must keep their proportions, the softmax of their logits.",
        [Edit(KEEP, f"{KEEP}\n        logits = torch.where(logits.isinf(), logits, 0.0)", CHOOSE)],
    ),
    Mistake(
        "drawn from the logits themselves",
        "You draw with the logits as weights. They are not probabilities, and may be negative: take their "
        "softmax first.",
        [Edit(SCALE, "logits / temperature", CHOOSE), Edit("logits.softmax(dim=0)", "logits", CHOOSE)],
    ),
    Mistake(
        "drawn from the logits, negative ones as 0",
        "You draw with the logits as weights, negative ones as 0: take their softmax first.",
        [Edit(SCALE, "logits / temperature", CHOOSE), Edit("logits.softmax(dim=0)", "logits.clamp(min=0)", CHOOSE)],
    ),
    Mistake(
        "sigmoid instead of softmax",
        "You apply a sigmoid to each logit separately. The probabilities of all tokens depend on each other: use "
        "softmax.",
        [Edit(SCALE, "logits / temperature", CHOOSE), Edit("logits.softmax(dim=0)", "logits.sigmoid()", CHOOSE)],
    ),
    Mistake(
        "the softmax taken twice",
        "You take the softmax of what is a softmax already, which makes all tokens nearly alike: take it once.",
        [Edit("logits.softmax(dim=0)", "logits.softmax(dim=0).softmax(dim=0)", CHOOSE)],
    ),
    Mistake(
        "multiplied by the temperature",
        "You multiply by the temperature, so a high one makes the model more confident. Divide: a low "
        "temperature makes likely tokens more likely, a high one makes the probabilities more equal.",
        [Edit(") / temperature", ") * temperature", CHOOSE)],
    ),
    Mistake(
        "temperature ignored",
        "The temperature has no effect: divide the logits by it, before the softmax. (Probabilities that are divided by it are "
        "brought back to a sum of one when you draw, so nothing changes.)",
        [Edit(") / temperature", ") / 1", CHOOSE)],
    ),
    Mistake(
        "temperature ignored where top_k is given",
        "With a top_k the temperature has no effect: divide the logits by it in both cases, before the softmax.",
        [Edit(") / temperature", ") / (temperature if top_k is None else 1)", CHOOSE)],
    ),
    Mistake(
        "temperature ignored where top_k is None",
        "Without a top_k the temperature has no effect: divide the logits by it in both cases, before the softmax.",
        [Edit(") / temperature", ") / (1 if top_k is None else temperature)", CHOOSE)],
    ),
    Mistake(
        "temperature between two softmaxes",
        "You divide the probabilities by the temperature and take the softmax of that, a second one: divide the logits, and "
        "take one softmax.",
        [Edit(") / temperature", ").softmax(dim=0).div(temperature)", CHOOSE)],
    ),
    Mistake(
        "divided by the temperature twice",
        "You divide by the temperature twice: once, before the softmax.",
        [Edit(") / temperature", ") / temperature**2", CHOOSE)],
    ),
    Mistake(
        "the logits changed in place",
        "You divide the caller's logits in place (/=), so that a second draw from the same logits divides them once more. "
        "Write logits = logits / temperature, which makes new ones.",
        [Edit(f"logits = {SCALE}", "logits.sub_(logits.max()).div_(temperature)", CHOOSE)],
    ),
    *(
        Mistake(
            f"the logits cut off in place{when}",
            "You write −∞ into the caller's logits, so that code that uses them afterwards has lost these tokens. masked_fill and torch.where make new ones.",
            [Edit("if temperature == 0:", text, CHOOSE)],
        )
        for when, text in (
            ("", f"{CUT}\n    if temperature == 0:"),
            (", but at temperature 0", f"if temperature != 0:\n        {CUT}\n    if temperature == 0:"),
        )
    ),
]

CUTS = [
    Mistake(
        "top-k ignored",
        "Tokens are drawn that are not among the k most likely: set the other logits to −∞ before the softmax.",
        [Edit("if top_k is not None:", "if False:", CHOOSE)],
    ),
    Mistake(
        "k = 1 ignored",
        "With k = 1 you cut nothing off: only the most likely token may be drawn.",
        [Edit("if top_k is not None:", "if top_k is not None and top_k > 1:", CHOOSE)],
    ),
    Mistake(
        "None not thought of",
        "top_k may be None, for all tokens, and None cannot be compared with a number or cut by: ask “if top_k is not None” "
        "first.",
        [Edit("if top_k is not None:", "if top_k > 0:", CHOOSE)],
    ),
    Mistake(
        "top-k keeps one too many",
        "You keep k + 1 tokens: the threshold is the k-th largest logit, at index k − 1 of the sorted ones.",
        [Edit(KEEP, "logits = keep_top_k(logits, min(top_k + 1, len(logits)))", CHOOSE)],
    ),
    Mistake(
        "top-k keeps one too few",
        "You keep k − 1 tokens, but the k-th most likely token may also be drawn. The threshold is the k-th "
        "largest logit, torch.topk(logits, k).values[-1], and only what is below it (<, not <=) is removed.",
        [Edit(KEEP, "logits = keep_top_k(logits, max(top_k - 1, 1))", CHOOSE)],
    ),
    Mistake(
        "the k-th most likely cut off",
        "You keep only what is larger than the k-th largest logit: the k-th most likely itself may be drawn, "
        "too. With k = 1 nothing is left.",
        [
            Edit("logits < smallest", "logits <= smallest", TOP),
            Edit("if k >= len(logits):", "if k > len(logits):", TOP),
        ],
    ),
    Mistake(
        "top-k keeps the least likely",
        "You keep the k least likely tokens: sort from the largest down, or take the last k of an ascending order.",
        [Edit(KEEP, "logits = logits.masked_fill(logits > logits.sort().values[top_k - 1], -torch.inf)", CHOOSE)],
    ),
    Mistake(
        "exactly the k least likely kept",
        "You keep the k least likely tokens (largest=False, or the first k of an ascending order): keep the k most likely.",
        [
            Edit(
                KEEP,
                "kept = logits.topk(min(top_k, len(logits)), largest=False).indices\n"
                "        logits = torch.full_like(logits, -torch.inf).index_copy(0, kept, logits[kept])",
                CHOOSE,
            )
        ],
    ),
    Mistake(
        "the first k tokens",
        "You keep the tokens with the numbers 0 to k − 1. Keep the k tokens with the largest logits, whatever "
        "their numbers.",
        [
            Edit(
                KEEP,
                f"{KEEP.replace('logits, top_k', 'logits, len(logits)')}.clone()\n        logits[top_k:] = -torch.inf",
                CHOOSE,
            )
        ],
    ),
    Mistake(
        "only the most likely of the k",
        "Your threshold is the largest of the k logits, so only the most likely token is left. It is the last of "
        "them, the k-th largest.",
        [
            Edit("topk(k).values[-1]", "topk(k).values[0]", TOP),
            Edit("if k >= len(logits):", "if k > len(logits):", TOP),
        ],
    ),
    Mistake(
        "the others set to 0",
        "You set the other logits to 0. e⁰ is 1, so those tokens can still be drawn: set them to −∞, which the "
        "softmax makes 0.",
        [Edit("smallest, -torch.inf", "smallest, 0.0", TOP), Edit(SCALE, "logits / temperature", CHOOSE)],
    ),
    Mistake(
        "a position among the k instead of the token",
        "You return the position among the k most likely, 0 for the most likely. The exercise asks for the "
        "token's number: look it up in torch.topk(…).indices.",
        [
            Edit(
                RETURN,
                "logits = logits.sort(descending=True).values if top_k is not None else logits\n    " + RETURN,
                CHOOSE,
            )
        ],
    ),
    Mistake(
        "a position in the sorted order instead of the token",
        "You return a place in the sorted order, 0 for the most likely. The exercise asks for the token's "
        "number: keep the indices that sort gives you, and look it up there.",
        [Edit(RETURN, f"logits = logits.sort(descending=True).values\n    {RETURN}", CHOOSE)],
    ),
]

DRAWS = [
    Mistake(
        "seed fixed inside",
        "You set the seed inside the function, so that every draw comes out the same: a text made with it "
        "repeats itself soon. Draw from PyTorch's generator as it is.",
        [edit_draw(f"torch.manual_seed(0)\n    {RETURN}")],
    ),
    Mistake(
        "not PyTorch's generator",
        "You draw with Python's or NumPy's random numbers, or with a generator of your own. Draw with PyTorch's, as "
        "torch.multinomial and torch.rand do, so that torch.manual_seed can repeat a text.",
        [
            edit_draw(
                "import random\n\n    return random.choices(range(len(logits)), logits.softmax(dim=0).tolist())[0]"
            )
        ],
    ),
    Mistake(
        "the next token's number",
        "The number you return is one too large. Tokens are numbered from 0: return the index itself, without + 1.",
        [
            Edit("return int(logits.argmax())", "return (int(logits.argmax()) + 1) % len(logits)", CHOOSE),
            edit_draw(f"return ({DRAW} + 1) % len(logits)"),
        ],
    ),
    Mistake(
        "every drawn token one too early",
        "The token that you draw is one too early: the first one whose cumulative sum is above the random number is drawn, and "
        "as many sums are below it as there are tokens before that one. Nothing is to be subtracted.",
        [edit_draw(f"return max({DRAW} - 1, 0)")],
    ),
    Mistake(
        "every drawn token one too late",
        "The token that you draw is one too late: the first one whose cumulative sum is above the random number is drawn.",
        [edit_draw(f"return min({DRAW} + 1, len(logits) - 1)")],
    ),
    Mistake(
        "drawn numbers counted from 1",
        "The number that you draw is one too large: tokens are numbered from 0.",
        [edit_draw(f"return {DRAW} + 1")],
    ),
    *(
        Mistake(
            f"a tensor with a dimension{when}",
            "You return a tensor of shape (1,), a list of one number: .item() takes the number out of it.",
            [edit_draw(f"return {DRAW.removeprefix('int(').removesuffix(')')}"), *more],
        )
        for when, more in (
            (", also at temperature 0", [Edit("int(logits.argmax())", "logits.argmax(dim=0, keepdim=True)", CHOOSE)]),
            ("", []),
        )
    ),
    Mistake(
        "the probability instead of the token",
        "You return the drawn token's probability: return its number.",
        [edit_draw(f"return float(logits.softmax(dim=0)[{DRAW}])")],
    ),
    Mistake(
        "the probability instead of the token, also at temperature 0",
        "You return a token's probability: return its number.",
        [
            Edit("int(logits.argmax())", "float(logits.softmax(dim=0).max())", CHOOSE),
            edit_draw(f"return float(logits.softmax(dim=0)[{DRAW}])"),
        ],
    ),
]

MISTAKES = [*ZERO, *SHARES, *CUTS, *DRAWS]
