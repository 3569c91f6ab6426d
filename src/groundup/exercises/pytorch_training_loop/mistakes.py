"""What goes wrong in the training loop: the five lines, the batches, the mode and what is returned."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CLEAR, BACKWARD, STEP = "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"
KEEP = "losses.append(loss.item())"
LOSS = "loss_function(prediction, targets[batch])"
EPOCHS = "for _ in range(epochs):"
ORDER = "torch.randperm(len(inputs), generator=order).split(batch_size)"
BATCHES = f"for batch in {ORDER}:"
RETURN = "return losses"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the loop."""
    return Mistake(name, says, [Edit(old, new, "train") for old, new in edits])


FIVE_LINES = [
    wrong(
        "gradients never cleared",
        "backward adds to the gradients of the steps before. Call optimizer.zero_grad() before it in every step, not once before the loops.",
        (CLEAR, "pass"),
    ),
    wrong(
        "gradients cleared once per epoch",
        "You clear the gradients once per epoch: those of the batches add up. Clear them in every step.",
        (f"            {CLEAR}\n", ""),
        (EPOCHS, f"{EPOCHS}\n        {CLEAR}"),
    ),
    wrong(
        "gradients cleared before they are used",
        "You clear the gradients between backward and step, so the optimizer has none: clear them before backward.",
        (f"            {CLEAR}\n", ""),
        (BACKWARD, f"{BACKWARD}\n            {CLEAR}"),
    ),
    wrong(
        "no backward",
        "loss.backward() is missing: without it there are no gradients, and no weight changes.",
        (BACKWARD, "pass"),
    ),
    wrong(
        "no step of the optimizer",
        "optimizer.step() is missing: the gradients are computed, but no weight changes.",
        (STEP, "pass"),
    ),
    wrong(
        "step before backward",
        "You change the weights before their gradients are computed. Call loss.backward() first, then optimizer.step().",
        (f"{BACKWARD}\n            {STEP}", f"{STEP}\n            {BACKWARD}"),
    ),
    wrong(
        "one step per epoch",
        "The optimizer steps once per epoch, at its end. It steps after every batch: indent optimizer.step() more.",
        (f"            {STEP}\n            {KEEP}", f"            {KEEP}\n        {STEP}"),
    ),
    wrong(
        "two steps per batch",
        "The optimizer steps twice per batch: once is enough.",
        (STEP, f"{STEP}\n            {STEP}"),
    ),
    wrong(
        "prediction and targets exchanged",
        "You hand the targets over as the prediction: loss_function(prediction, targets).",
        (LOSS, "loss_function(targets[batch], prediction)"),
    ),
]

EXAMPLES = [
    wrong(
        "not shuffled",
        "The examples come in the order in which they are given. Draw a random order in each epoch: torch.randperm(N).",
        ("torch.randperm(len(inputs), generator=order)", "torch.arange(len(inputs))"),
    ),
    wrong(
        "one order for all epochs",
        "Every epoch has the same order. Draw a new one inside the loop over the epochs.",
        ("generator=order)", "generator=torch.Generator().manual_seed(seed))"),
    ),
    wrong(
        "examples drawn with repetition",
        "You draw indices with torch.randint, so some examples come twice and others not at all. torch.randperm gives each once.",
        ("torch.randperm(len(inputs), generator=order)", "torch.randint(len(inputs), (len(inputs),), generator=order)"),
    ),
    wrong(
        "the last, smaller batch left out",
        "You leave out the last batch of an epoch if it is smaller. Every example comes once per epoch.",
        (BATCHES, f"{BATCHES}\n            if len(batch) < batch_size:\n                continue"),
    ),
    wrong(
        "only the first batch",
        "Only one batch per epoch is used. Loop over all batches.",
        (BATCHES, "for batch in torch.randperm(len(inputs), generator=order).split(batch_size)[:1]:"),
    ),
    wrong(
        "all examples in one batch",
        "You use all examples in every step: cut them into batches of batch_size.",
        (".split(batch_size)", ".split(len(inputs))"),
    ),
    wrong(
        "one example per step",
        "Every step sees one example: cut the order into batches of batch_size.",
        (".split(batch_size)", ".split(1)"),
    ),
    wrong(
        "as many batches as batch_size says",
        "You cut the examples into batch_size batches. A batch has batch_size examples.",
        (".split(batch_size)", ".chunk(batch_size)"),
    ),
    wrong(
        "inputs and targets shuffled by two orders",
        "You shuffle inputs and targets by two random orders, so an input gets the target of another example. Draw one order, and take both with its indices.",
        (BATCHES, f"for batch, other in zip({ORDER}, {ORDER}, strict=True):"),
        (LOSS, "loss_function(prediction, targets[other])"),
    ),
    wrong(
        "targets not shuffled with the inputs",
        "The targets stay in their old order while the inputs are shuffled. Take both with the same indices.",
        (BATCHES, f"for number, batch in enumerate({ORDER}):"),
        (LOSS, "loss_function(prediction, targets[number * batch_size : number * batch_size + len(batch)])"),
    ),
]

MODE_AND_RESULT = [
    wrong(
        "no training mode",
        "You train the model in the mode in which it comes, or in evaluation mode. Call model.train() before the loop, or dropout stays off.",
        ("model.train()", "pass"),
    ),
    wrong(
        "one epoch too few",
        "It takes one epoch fewer than asked for: range(1, n) has n − 1 numbers.",
        ("range(epochs)", "range(1, epochs)"),
    ),
    wrong(
        "one epoch too many",
        "It takes one epoch more than asked for: range(n + 1) has n + 1 numbers.",
        ("range(epochs)", "range(epochs + 1)"),
    ),
    wrong(
        "one epoch only",
        "It takes one epoch, however many are asked for: is a return inside the loop?",
        ("range(epochs)", "range(1)"),
    ),
    wrong(
        "one loss per epoch",
        "You return one loss per epoch. The exercise asks for that of every step: append inside the inner loop.",
        (f"            {KEEP}", "            last = loss.item()\n        losses.append(last)"),
    ),
    wrong(
        "the last loss alone",
        "You return the last loss alone. The exercise asks for a list with all of them.",
        (RETURN, "return losses[-1]"),
    ),
    wrong(
        "nothing returned",
        "It returns nothing (None): print only shows values, return hands them back.",
        (RETURN, "return None"),
    ),
    wrong(
        "losses as tensors",
        "Your list holds tensors. Each keeps its whole graph in memory: append loss.item(), a plain number.",
        (KEEP, "losses.append(loss.detach())"),
    ),
    wrong(
        "the loss after the step",
        "You measure the loss again after the step. The loss of a step is the one that its gradients come from.",
        (KEEP, "losses.append(loss_function(model(inputs[batch]), targets[batch]).item())"),
    ),
    wrong(
        "losses rounded to 2 places",
        "You round the losses to 2 places. Nothing is rounded here.",
        (KEEP, "losses.append(round(loss.item(), 2))"),
    ),
    wrong(
        "losses added up",
        "You append the sum of all losses so far. Append the loss of each step.",
        (KEEP, "losses.append(loss.item() + (losses[-1] if losses else 0.0))"),
    ),
]

MISTAKES = [*FIVE_LINES, *EXAMPLES, *MODE_AND_RESULT]
