"""What goes wrong in early stopping: what is best, when it stops, what is returned, and which weights are left."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

STOP, TRAIN = "stop_early", "train_with_early_stopping"
TEST = "if improves(loss, losses[best]):"
PATIENCE = "if epoch - best >= patience:"
FOUND, END = "return best, epoch", "return best, len(losses) - 1"
COPY = "kept = {name: value.clone() for name, value in model.state_dict().items()}"
RESTORE = "model.load_state_dict(kept)"
BEST = "if best == epoch:"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in which epoch is kept and when it stops, of `stop_early` and of the training alike."""
    return Mistake(name, says, [Edit(old, new, STOP) for old, new in edits])


def trained(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the training."""
    return Mistake(name, says, [Edit(old, new, TRAIN) for old, new in edits])


def patient(test: str) -> list[Edit]:
    """Return the edits of the patience in both functions."""
    return [Edit(PATIENCE, f"if {test}:", STOP), Edit(PATIENCE, f"if {test}:", TRAIN)]


WHICH = [
    Mistake(
        "one epoch too patient",
        "It waits one epoch too long: it stops as soon as `patience` epochs in a row are no new best (≥, not >).",
        patient("epoch - best > patience"),
    ),
    Mistake(
        "one epoch too impatient",
        "It stops one epoch too early: `patience` epochs in a row must be no new best.",
        patient("epoch - best >= patience - 1 and epoch > best"),
    ),
    Mistake(
        "stops at the first rise",
        "It stops at the first epoch without a new best, whatever the patience is.",
        patient("epoch > best"),
    ),
    wrong(
        "an equal loss taken for a new best",
        "You take an equal loss for a new best: it must be smaller (<, not ≤).",
        (TEST, "if loss <= losses[best]:"),
    ),
    wrong(
        "compared with the epoch before",
        "You compare each loss with that of the epoch before. A new best is smaller than all before it.",
        (TEST, "if epoch == 0 or loss < losses[epoch - 1]:"),
    ),
    wrong(
        "the count begun again at any fall",
        "You begin the count of epochs again wherever a loss is smaller than the one before. Only a new best, smaller than all before it, sets it back to 0.",
        ("best = 0\n", "best, worse = 0, 0\n"),
        (
            PATIENCE,
            "worse = 0 if epoch == 0 or loss < losses[epoch - 1] else worse + 1\n        if worse >= patience:",
        ),
    ),
    wrong(
        "the best of all losses, also after the stop",
        "You look for the smallest of all losses, also of those after the stop. In a real training these do not exist: keep the best of the epochs up to the stop.",
        (FOUND, "return min(range(len(losses)), key=losses.__getitem__), epoch"),
    ),
    wrong(
        "a best loss of 1 to begin with",
        "Your best loss begins with 1, so that losses above 1 are never a new best. Begin with the first loss, or with float('inf').",
        ("best = 0\n", "best, worse = 0, 0\n"),
        (TEST, "if loss < min([1.0, *losses[:epoch]]):"),
        (
            f"            best = epoch\n        {PATIENCE}",
            "            best, worse = epoch, 0\n        else:\n            worse += 1\n        if worse >= patience:",
        ),
    ),
    wrong(
        "the largest loss kept",
        "You keep the epoch with the largest loss. The smallest is the best.",
        (TEST, "if loss > losses[best]:"),
    ),
    wrong(
        "compared with the first epoch",
        "You compare each loss with that of the first epoch. A new best is smaller than all before it.",
        (TEST, "if loss < losses[0]:"),
    ),
    Mistake(
        "never stops",
        "It never stops: the patience is ignored, and losses after the stop are looked at.",
        patient("False"),
    ),
    wrong(
        "epochs without a new best counted in all",
        "You count all epochs without a new best. The count begins again at 0 with each new best.",
        ("best = 0\n", "best, worse = 0, 0\n"),
        (
            f"            best = epoch\n        {PATIENCE}",
            "            best = epoch\n        elif epoch > 0:\n            worse += 1\n        if worse >= patience:",
        ),
    ),
]

RETURNED = [
    wrong(
        "epochs counted from 1",
        "You count epochs from 1: the first one is epoch 0.",
        (FOUND, "return best + 1, epoch + 1"),
        (END, "return best + 1, len(losses)"),
    ),
    wrong(
        "the last epoch and the best exchanged",
        "You return the last epoch first. The order is: the best epoch, the last epoch.",
        (FOUND, "return epoch, best"),
        (END, "return len(losses) - 1, best"),
    ),
    wrong(
        "the number of epochs instead of the last one",
        "You return how many epochs were trained. The last epoch is one less, since counting begins at 0.",
        (FOUND, "return best, epoch + 1"),
        (END, "return best, len(losses)"),
    ),
    wrong(
        "the best loss instead of its epoch",
        "You return the smallest loss. The exercise asks for its epoch.",
        (FOUND, "return losses[best], epoch"),
        (END, "return losses[best], len(losses) - 1"),
    ),
    wrong(
        "only the best epoch returned",
        "You return the best epoch alone. The exercise asks for a tuple: the best epoch, and the last one.",
        (FOUND, "return best"),
        (END, "return best"),
    ),
    wrong(
        "the last epoch given as the best",
        "You return the epoch at which it stops as the best one. The best lies before it.",
        (FOUND, "return epoch, epoch"),
        (END, "return len(losses) - 1, len(losses) - 1"),
    ),
    wrong(
        "the epoch of the stop not trained",
        "You return the epoch before the stop as the last. The one that uses up the patience was trained, too.",
        (FOUND, "return best, epoch - 1"),
    ),
]

WEIGHTS = [
    trained(
        "the last epoch's weights instead of the best",
        "The model has the weights of the last epoch. model.state_dict() shows the weights themselves, which go on changing: "
        "keep a copy at each new best (clone() or copy.deepcopy), and put it back after the loop.",
        (COPY, "kept = model.state_dict()"),
    ),
    trained(
        "the best weights put back only where it stops early",
        "The best weights are put back only where the patience is used up. Where all epochs are trained, the model has the weights of the "
        "last one: put them back after the loop.",
        (f"    {RESTORE}", "    pass"),
        (PATIENCE, f"{PATIENCE}\n            {RESTORE}"),
    ),
    trained(
        "the best weights put back only where it does not stop early",
        "Where the patience is used up, you return before the best weights are put back. Put them back in both cases.",
        (PATIENCE, f"{PATIENCE}\n            return losses"),
    ),
    trained(
        "weights kept before the epoch is trained",
        "You keep the weights before the epoch is trained. They belong to the loss after it.",
        (
            "        train_epoch()\n",
            "        before = {name: value.clone() for name, value in model.state_dict().items()}\n        train_epoch()\n",
        ),
        (COPY, "kept = before"),
    ),
    trained(
        "validated before the epoch is trained",
        "You measure the loss before the epoch is trained: call train_epoch() first, then validate().",
        (
            "        train_epoch()\n        losses.append(validate())\n",
            "        losses.append(validate())\n        train_epoch()\n",
        ),
    ),
    trained(
        "validated twice per epoch",
        "You call validate() twice per epoch: call it once, and keep what it returns.",
        ("losses.append(validate())", "losses.append(validate() and validate())"),
    ),
    trained(
        "the best weights put back, the losses not returned",
        "train returns nothing (None). Return the list of the losses.",
        ("return losses", "return None"),
    ),
    trained(
        "the smallest loss returned by train",
        "train returns the smallest loss. Return the list of all losses.",
        ("return losses", "return min(losses)"),
    ),
    trained(
        "the loss of the last epoch left out",
        "The last loss is missing in your list: append before you break.",
        ("return losses", "return losses[:-1]"),
    ),
    trained(
        "the loss of the stop left out",
        "Where the training stops before its last epoch, the loss of that epoch is missing in your list: append it before you break.",
        (PATIENCE, f"{PATIENCE}\n            losses.pop()"),
    ),
    trained(
        "only the losses up to the best returned",
        "You return the losses up to the best epoch. Return those of all epochs that were trained.",
        ("return losses", "return losses[: best + 1]"),
    ),
]

MISTAKES = [*WHICH, *RETURNED, *WEIGHTS]
