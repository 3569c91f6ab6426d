"""What goes wrong in gradient accumulation: shares, clearing, steps, parts and the loss that is returned."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CLEAR, STEP = "optimizer.zero_grad()", "optimizer.step()"
LOOP = "for rows in torch.arange(len(inputs)).split(part_size):"
SHARE = "share = len(rows) / len(inputs)"
LOSS = "loss = share * loss_function(model(inputs[rows]), targets[rows])"
BACKWARD, ADD = "loss.backward()", "total += loss.item()"
RETURN = "return total"
PARTS = "len(torch.arange(len(inputs)).split(part_size))"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the step."""
    return Mistake(name, says, [Edit(old, new, "train_step") for old, new in edits])


MISTAKES = [
    wrong(
        "parts not weighted by their share",
        "You add the parts' losses as they are, so loss and gradients are too large. Multiply each by its share of the batch.",
        (SHARE, "share = 1.0"),
    ),
    wrong(
        "every part counted alike",
        "You divide by the number of parts, so a smaller last part counts too much. Multiply by the share of its examples.",
        (SHARE, "share = 1 / len(torch.arange(len(inputs)).split(part_size))"),
    ),
    wrong(
        "divided by the batch, not multiplied by the part",
        "You divide each part's loss by N. The loss function already takes a mean: multiply by the number of examples in the part, too.",
        (SHARE, "share = 1 / len(inputs)"),
    ),
    wrong(
        "share of a full part for each",
        "You use part_size / N for every part. The last part may be smaller: use the number of its own examples.",
        (SHARE, "share = part_size / len(inputs)"),
    ),
    wrong(
        "divided by the number of full parts",
        "You divide by N // part_size, which does not count a smaller last part. Multiply each part's loss by the share of its examples.",
        (SHARE, "share = 1 / max(len(inputs) // part_size, 1)"),
    ),
    wrong(
        "every part counted alike in the gradient",
        "For the gradient you divide by the number of parts, so a smaller last part counts too much. Multiply by the share of its examples, "
        "as in the loss that you return.",
        (BACKWARD, f"(loss / share / {PARTS}).backward()"),
    ),
    wrong(
        "share of a full part for each in the gradient",
        "For the gradient you use part_size / N for every part. The last part may be smaller: use the number of its own examples, as in the "
        "loss that you return.",
        (BACKWARD, "(loss / share * part_size / len(inputs)).backward()"),
    ),
    wrong(
        "the mean of the parts' losses returned",
        "You return the mean of the parts' losses, in which a smaller last part counts too much. Add up the losses, each weighted by its share.",
        (ADD, f"total += loss.item() / share / {PARTS}"),
    ),
    wrong(
        "gradients cleared for every part",
        "You clear the gradients before every part, so only the last part counts. Clear them once, before the first part.",
        (f"    {CLEAR}\n", ""),
        (LOOP, f"{LOOP}\n        {CLEAR}"),
    ),
    wrong(
        "gradients not cleared",
        "The gradients of an earlier step are still there, and add to yours. Call optimizer.zero_grad() before the first part.",
        (CLEAR, "pass"),
    ),
    wrong(
        "gradients cleared before they are used",
        "You clear the gradients before the step, so the optimizer has none. Clear them before the first part.",
        (f"    {STEP}", f"    {CLEAR}\n    {STEP}"),
    ),
    wrong(
        "a step for every part",
        "The optimizer steps after every part. It steps once, after the last one: indent optimizer.step() less.",
        (f"    {STEP}\n", ""),
        (ADD, f"{ADD}\n        {STEP}"),
    ),
    wrong(
        "cleared and stepped for every part",
        "Every part makes a step of its own. All parts together make one: clear once before the loop, step once after it.",
        (f"    {CLEAR}\n", ""),
        (f"    {STEP}\n", ""),
        (LOOP, f"{LOOP}\n        {CLEAR}"),
        (ADD, f"{ADD}\n        {STEP}"),
    ),
    wrong(
        "no step",
        "optimizer.step() is missing: the gradients are there, but no weight changes.",
        (STEP, "pass"),
    ),
    wrong(
        "no backward",
        "backward is missing: without it there are no gradients, and no weight changes.",
        (BACKWARD, "pass"),
    ),
    wrong(
        "one backward at the end",
        "The result is right, but one backward at the end holds the graphs of all parts in memory, as the whole batch would. Call backward in the loop.",
        (f"        {BACKWARD}\n", ""),
        (ADD, "total = total + loss"),
        (STEP, f"total.backward()\n    total = total.item()\n    {STEP}"),
    ),
    wrong(
        "the whole batch at once",
        "You compute the whole batch at once. Cut it into parts of part_size examples.",
        (".split(part_size)", ".split(len(inputs))"),
    ),
    wrong(
        "one example per part",
        "Your parts have one example each. They have part_size examples.",
        (".split(part_size)", ".split(1)"),
    ),
    wrong(
        "as many parts as part_size says",
        "You cut the batch into part_size parts. A part has part_size examples.",
        (".split(part_size)", ".chunk(part_size)"),
    ),
    wrong(
        "the last, smaller part left out",
        "You leave out the last part if it is smaller. All examples count.",
        (LOOP, f"{LOOP}\n        if len(rows) < part_size:\n            continue"),
    ),
    wrong(
        "the last, smaller part left out, the full ones averaged",
        "You leave out the last part if it is smaller, and average the others. All examples count.",
        (LOOP, f"{LOOP}\n        if len(rows) < part_size:\n            continue"),
        (SHARE, "share = 1 / (len(inputs) // part_size)"),
    ),
    wrong(
        "the last, smaller part left out, the mean of the others returned",
        "You leave out the last part if it is smaller, and return the mean of the others. All examples count.",
        (LOOP, f"{LOOP}\n        if len(rows) < part_size:\n            continue"),
        (ADD, "total += loss.item() / share / (len(inputs) // part_size)"),
    ),
    wrong(
        "the last part left out",
        "You leave out the last part, also where it is a full one: look for a range that ends too early.",
        (".split(part_size):", ".split(part_size)[:-1]:"),
    ),
    wrong(
        "only the first part",
        "Only the first part is computed. Loop over all parts.",
        (".split(part_size):", ".split(part_size)[:1]:"),
    ),
    wrong(
        "the share in the gradient only",
        "The step is right, but the loss that you return is the sum of the parts' means. Add up the weighted losses.",
        (ADD, "total += loss.item() / share"),
    ),
    wrong(
        "the share in the returned loss only",
        "The loss is right, but you call backward on the loss without its share, so the gradients are too large.",
        (BACKWARD, "(loss / share).backward()"),
    ),
    wrong(
        "the loss of the last part returned",
        "You return the loss of the last part. Add up over all parts: +=, not =.",
        (ADD, "total = loss.item() / share"),
    ),
    wrong(
        "the weighted loss of the last part returned",
        "You return the weighted loss of the last part alone. Add up over all parts: +=, not =.",
        (ADD, "total = loss.item()"),
    ),
    wrong(
        "a list of the parts' losses returned",
        "You return one loss per part. The loss of the batch is their sum, each weighted by its share.",
        ("total = 0.0", "total = []"),
        (ADD, "total.append(loss.item())"),
    ),
    wrong(
        "nothing returned",
        "It returns nothing (None): print only shows a value, return hands it back.",
        (RETURN, "return None"),
    ),
    wrong(
        "the loss after the step",
        "You return the loss after the step. Return the one that the gradients come from.",
        (RETURN, "return loss_function(model(inputs), targets).item()"),
    ),
]
