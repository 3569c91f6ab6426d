"""The known mistakes in speculative decoding, as edits of `groundup.steps.c7_beyond.speculative`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

REST, CHECK = "rest", "check_guesses"
POSITIVE = "(p - q).clamp(min=0)"
RESULT = "missing / total if total > 0 else p"
CHANCE = "u = torch.rand((), generator=generator)"
REJECTED = "u * q[place, guess] >= p[place, guess]"
REPLACED = "draw(rest(p[place], q[place]), generator)"
ANSWER = f"return [*guesses[:place], {REPLACED}]"
MORE = "draw(p[len(guesses)], generator)"


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        REST,
        "the rest not divided by its sum",
        "The positive part of p − q sums to less than 1: divide it by its sum, so that it is a distribution.",
        (RESULT, "missing if total > 0 else p"),
    ),
    wrong(
        REST,
        "NaN where p and q are equal",
        "Where p and q are equal, nothing is left, and you divide 0 by 0: that is NaN. Return p in this case.",
        (RESULT, "missing / total"),
    ),
    wrong(
        REST,
        "the size of the difference instead of its positive part",
        "You take |p − q|. Where q is larger than p, the draft has given too much already: that counts as 0.",
        (POSITIVE, "(p - q).abs()"),
    ),
    wrong(
        REST,
        "q minus p",
        "You take what q gave too much of. The rest is what p has more of: p − q.",
        (POSITIVE, "(q - p).clamp(min=0)"),
    ),
    wrong(
        REST,
        "a softmax of the difference",
        "You put p − q through a softmax, so that every token keeps a share. Probabilities are no logits: clamp at 0, and divide by the sum.",
        (RESULT, "(p - q).softmax(0)"),
    ),
    wrong(
        REST,
        "the target's probabilities as the rest",
        "You return p. What q gives in part already would then come too often: only p − q, where it is positive, is left.",
        (RESULT, "p"),
    ),
    wrong(
        REST,
        "zeros where p and q are equal",
        "Where p and q are equal, you return zeros, from which nothing can be drawn. Return p there.",
        (RESULT, "missing / total.clamp(min=1e-12)"),
    ),
    wrong(
        CHECK,
        "a rejected guess replaced from p",
        "A rejected guess is replaced by a draw from p. Then tokens that the draft likes come too seldom: draw from the rest, the positive part of p − q.",
        ("draw(rest(p[place], q[place])", "draw(p[place]"),
    ),
    wrong(
        CHECK,
        "a rejected guess replaced from q",
        "A rejected guess is replaced by a draw from the draft's q. The target decides: draw from the rest.",
        ("draw(rest(p[place], q[place])", "draw(q[place]"),
    ),
    wrong(
        CHECK,
        "a rejected guess replaced from the place after it",
        "A rejected guess is replaced by a draw from the next row. Row i of p and of q belongs to guess i.",
        ("draw(rest(p[place], q[place])", "draw(p[place + 1]"),
    ),
    wrong(
        CHECK,
        "the likeliest of the rest instead of a draw",
        "A rejected guess is always replaced by the likeliest token of the rest. Draw it.",
        (REPLACED, "int(rest(p[place], q[place]).argmax())"),
    ),
    wrong(
        CHECK,
        "no token in the place of the rejected guess",
        "After a rejection nothing takes the place of the guess. Every call gives at least one token: draw it from the rest.",
        (ANSWER, "return [*guesses[:place]]"),
    ),
    wrong(
        CHECK,
        "the rejected guess kept, too",
        "The rejected guess is still in the result, before the token that replaces it: keep the guesses before it only.",
        ("guesses[:place]", "guesses[: place + 1]"),
    ),
    wrong(
        CHECK,
        "the guesses after a rejected one kept",
        "After a rejection you go on with the other guesses. They were guessed after a token that is no longer there: stop.",
        (ANSWER, f"guesses = [*guesses[:place], {REPLACED}, *guesses[place + 1 :]]"),
    ),
    wrong(
        CHECK,
        "the guesses after a rejected one kept, and no token more",
        "After a rejection you go on with the other guesses. They were guessed after a token that is no longer there: stop.",
        (ANSWER, f"guesses, more = [*guesses[:place], {REPLACED}, *guesses[place + 1 :]], []"),
        (CHANCE, f"more = [{MORE}] if place == 0 else more\n        {CHANCE}"),
        (f"return [*guesses, {MORE}]", f"return [*guesses, *(more if guesses else [{MORE}])]"),
    ),
    wrong(
        CHECK,
        "the guesses after a rejected one kept, and never a token more",
        "After a rejection you go on with the other guesses, which were guessed after a token that is no longer there: stop. And where all "
        "are kept, draw one token more.",
        (ANSWER, f"guesses = [*guesses[:place], {REPLACED}, *guesses[place + 1 :]]"),
        (f"[*guesses, {MORE}]", "[*guesses]"),
    ),
    wrong(
        CHECK,
        "a rejected guess left out, and the ones after it kept",
        "A rejected guess is left out, and you go on with the others. They were guessed after it: stop, and draw another token in its place.",
        (ANSWER, "guesses = [*guesses[:place], None, *guesses[place + 1 :]]"),
        (f"return [*guesses, {MORE}]", f"return [*(one for one in guesses if one is not None), {MORE}]"),
    ),
    wrong(
        CHECK,
        "one token more after a rejection, too",
        "After a rejected guess and the token in its place you draw one token more. That comes only where all guesses are kept.",
        (ANSWER, f"return [*guesses[:place], {REPLACED}, {MORE}]"),
    ),
    wrong(
        CHECK,
        "no token after the kept guesses",
        "If all guesses are kept, the target's probabilities after the last one are there already: draw one token more from them.",
        (f"[*guesses, {MORE}]", "[*guesses]"),
    ),
    wrong(
        CHECK,
        "no token after the kept guesses, but where there are none",
        "You draw a token of your own only if there are no guesses. If all guesses are kept, the target's probabilities after the last one are "
        "there, too: draw one token more from them.",
        (f"[*guesses, {MORE}]", f"[*guesses] or [{MORE}]"),
    ),
    wrong(
        CHECK,
        "the token more drawn from the last guess's row",
        "The token after all guesses is drawn from the row of the last guess. It has a row of its own: p[k].",
        ("p[len(guesses)]", "p[max(len(guesses) - 1, 0)]"),
    ),
    wrong(
        CHECK,
        "the likeliest instead of a draw at the end",
        "The token after all guesses is always the likeliest. Draw it from p[k].",
        (MORE, "int(p[len(guesses)].argmax())"),
    ),
    wrong(
        CHECK,
        "kept only where it is the target's likeliest",
        "You keep a guess if it is the target's likeliest token, as at temperature 0. Keep it with probability p/q.",
        (REJECTED, "guess != int(p[place].argmax())"),
    ),
    wrong(
        CHECK,
        "kept only where p is at least q",
        "You reject every guess that q gives more than p. It is kept with probability p/q: draw a random number.",
        (REJECTED, "q[place, guess] > p[place, guess]"),
    ),
    wrong(
        CHECK,
        "the ratio turned over",
        "You keep a guess with probability q/p. The more the target wants it, the more often it is kept: p/q.",
        (REJECTED, "u * p[place, guess] >= q[place, guess]"),
    ),
    wrong(
        CHECK,
        "kept with probability p",
        "You keep a guess with probability p and leave q out. The draft has drawn it with probability q already: divide by it.",
        (REJECTED, "u >= p[place, guess]"),
    ),
    wrong(
        CHECK,
        "kept and rejected the wrong way round",
        "You reject a guess if the random number is below p/q. That is when it is kept.",
        (REJECTED, "u * q[place, guess] < p[place, guess]"),
    ),
    wrong(
        CHECK,
        "only the first guess checked",
        "Only the first guess is checked, and the others are kept unseen.",
        ("enumerate(guesses)", "enumerate(guesses[:1])"),
    ),
    wrong(
        CHECK,
        "all guesses kept",
        "All guesses are kept: then the draft writes the text, not the target.",
        ("enumerate(guesses)", "enumerate(guesses[:0])"),
    ),
    wrong(
        CHECK,
        "one random number for all guesses",
        "All guesses are decided by one random number, so they are kept together or not. Draw a new one for each.",
        (CHANCE, "u = u if place else torch.rand((), generator=generator)"),
    ),
    wrong(
        CHECK,
        "the first row for all guesses",
        "All guesses are compared with the first rows of p and q. Row i belongs to guess i.",
        (REJECTED, "u * q[0, guess] >= p[0, guess]"),
    ),
]
