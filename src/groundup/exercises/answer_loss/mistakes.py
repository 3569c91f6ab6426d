"""The known mistakes in the loss on the answers, as edits of `groundup.steps.c7_beyond.answer_loss`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

TARGETS, LOSS = "answer_targets", "answer_loss"
RETURNED = "tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], IGNORED)"
COUNTED = "counted = targets != IGNORED"
RESULT = "cross_entropy(logits[counted], targets[counted])"
# The loss of every position; what does not count is multiplied by 0 afterwards.
EACH = "(logits.logsumexp(-1) - logits.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1))"
TOGETHER = "The mean is taken over all targets that count, of all conversations together: a longer answer weighs more."


def wrong(within: str, name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within)])


MISTAKES = [
    wrong(
        TARGETS,
        "mask not moved with the targets",
        "Your mask asks whether the token that is read belongs to an answer. It has to ask about the next one, which is guessed: use answered[..., 1:].",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., :-1], IGNORED)",
    ),
    wrong(
        TARGETS,
        "targets are the inputs",
        "Your targets are the tokens that are read. The target of a position is the token after it: tokens[..., 1:], with its mask.",
        RETURNED,
        "tokens[..., :-1], tokens[..., :-1].masked_fill(~answered[..., :-1], IGNORED)",
    ),
    wrong(
        TARGETS,
        "targets are the inputs, under the right mask",
        "Your targets are the tokens that are read, though your mask asks about the next ones. The target of a position is the token after it: tokens[..., 1:].",
        RETURNED,
        "tokens[..., :-1], tokens[..., :-1].masked_fill(~answered[..., 1:], IGNORED)",
    ),
    wrong(
        TARGETS,
        "questions count, too",
        "All next tokens are targets. Put −100 where the next token belongs to no answer.",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:]",
    ),
    wrong(
        TARGETS,
        "questions count instead of answers",
        "Your mask is upside down: the tokens of the answers have become −100, and those of the questions are targets.",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:].masked_fill(answered[..., 1:], IGNORED)",
    ),
    wrong(
        TARGETS,
        "0 for what does not count",
        "You mark what does not count with 0, which is a token: the model would learn to write it. Use −100.",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], 0)",
    ),
    wrong(
        TARGETS,
        "−1 for what does not count",
        "You mark what does not count with −1. The mark here is −100, as in PyTorch's own losses.",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], -1)",
    ),
    wrong(
        TARGETS,
        "questions cut from the inputs",
        "You put −100 into the inputs, too. The model reads the questions: the inputs are the tokens as they are.",
        RETURNED,
        "tokens[..., :-1].masked_fill(~answered[..., :-1], IGNORED), tokens[..., 1:].masked_fill(~answered[..., 1:], IGNORED)",
    ),
    wrong(
        TARGETS,
        "an answer's first token does not count",
        "The first token of each answer is left out of the targets. It is guessed at the last token of the question, and counts like the others.",
        RETURNED,
        "tokens[..., :-1], tokens[..., 1:].masked_fill(~(answered[..., 1:] & answered[..., :-1]), IGNORED)",
    ),
    wrong(
        LOSS,
        "mean over all positions",
        "You divide by all positions. Divide by the number of targets that count: the loss would be small where questions are long.",
        RESULT,
        "cross_entropy(logits[counted], targets[counted]) * counted.float().mean()",
    ),
    wrong(
        LOSS,
        "every conversation weighs the same",
        f"You take the mean of each conversation first. {TOGETHER}",
        RESULT,
        f"(({EACH} * counted).sum(-1) / counted.sum(-1).clamp(min=1)).mean()",
    ),
    wrong(
        LOSS,
        "every conversation with answers weighs the same",
        f"You take the mean of each conversation first. {TOGETHER}",
        RESULT,
        f"(({EACH} * counted).sum(-1) / counted.sum(-1))[counted.any(-1)].mean()",
    ),
    wrong(
        LOSS,
        "exponentials of the logits overflow",
        "You take the log of a softmax of your own: exp of a large logit is infinite, and the log of a small probability −infinity. Use log_softmax or logsumexp.",
        RESULT,
        "-(logits[counted].exp() / logits[counted].exp().sum(-1, keepdim=True)).gather(-1, targets[counted][:, None]).log().mean()",
    ),
    wrong(
        LOSS,
        "log of a softmax",
        "You take the log of a softmax. A small probability becomes 0, and its log −infinity. Use log_softmax or logsumexp.",
        RESULT,
        "-logits[counted].softmax(-1).gather(-1, targets[counted][:, None]).log().mean()",
    ),
    wrong(
        LOSS,
        "nothing counts, and the loss is a constant",
        "Where no target counts, you return a new 0, which backward() cannot go through. Compute the 0 from the logits: logits.sum() * 0.",
        "return logits.sum() * 0",
        "return logits.new_zeros(())",
    ),
    wrong(
        LOSS,
        "answers summed, not averaged",
        "You sum the losses of all targets that count. The loss is their mean.",
        RESULT,
        "cross_entropy(logits[counted], targets[counted]) * counted.sum()",
    ),
    wrong(
        LOSS,
        "what does not count is taken for token 0",
        "Targets of −100 count as token 0, or as one that you put there. Leave these positions out.",
        RESULT,
        "cross_entropy(logits.flatten(0, -2), targets.flatten().clamp(min=0))",
    ),
    wrong(
        LOSS,
        "what does not count is taken for the last token",
        "Targets of −100 count as the last token, which a negative index picks. Leave these positions out.",
        RESULT,
        "cross_entropy(logits.flatten(0, -2), targets.masked_fill(~counted, logits.shape[-1] - 1).flatten())",
    ),
    wrong(
        LOSS,
        "negative loss on the answers",
        "Your loss is negative: it is −log of the probability of the right token.",
        RESULT,
        "-cross_entropy(logits[counted], targets[counted])",
    ),
    wrong(
        LOSS,
        "softmax before the loss on the answers",
        "You apply a softmax to the logits and then the loss, which has one inside. Give it the logits as they are.",
        RESULT,
        "cross_entropy(logits[counted].softmax(-1), targets[counted])",
    ),
    wrong(
        LOSS,
        "nothing counts, and the loss is NaN",
        "Where no target counts, your loss is 0 / 0 = NaN, and so are the gradients. Return 0 in this case, computed from the logits.",
        "if not counted.any():",
        "if False:",
    ),
    wrong(
        LOSS,
        "only the first answered token",
        "You use only the first target that counts. The loss is the mean over all of them.",
        RESULT,
        "cross_entropy(logits[counted][:1], targets[counted][:1])",
    ),
    wrong(
        LOSS,
        "targets of token 0 left out",
        "You leave out the targets that are 0, or all up to 0. Token 0 is a token like the others; only −100 does not count.",
        COUNTED,
        "counted = targets > 0",
    ),
    wrong(
        LOSS,
        "no gradient from the answers",
        "The values are right, but no gradient reaches the logits: look for item(), detach(), numpy() or no_grad().",
        RESULT,
        "cross_entropy(logits[counted].detach(), targets[counted])",
    ),
]
