"""The known mistakes in training a GPT, as edits of `groundup.steps.c4_training.training_loop` and `groundup.steps.c5_words.batches`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LOOP, LOSS, BATCHES = "train", "next_token_loss", "groundup.steps.c5_words.batches"

MISTAKES = [
    Mistake(
        "targets not shifted",
        "Your targets are the inputs themselves, so the model learns to copy its input: the loss falls, but the "
        "model then generates the same token again and again. Cut the targets one token later, from start + 1.",
        [
            Edit(
                "data[start + 1 : start + context_length + 1]",
                "data[start : start + context_length]",
                "take_windows",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "targets before the inputs",
        "Your inputs and targets are exchanged: the model learns to predict the token before.",
        [Edit("return inputs, targets", "return targets, inputs", "take_windows", BATCHES)],
    ),
    Mistake(
        "gradients never zeroed",
        "The gradients of all earlier steps are still in the gradients, since backward() adds to them. Call "
        "optimizer.zero_grad() once a step.",
        [Edit("        optimizer.zero_grad()\n", "", LOOP)],
    ),
    Mistake(
        "the weights never change",
        "No step changes the weights. The order is zero_grad(), backward(), step(): without step() nothing "
        "moves, and a zero_grad() between backward() and step() sets the gradients to zero.",
        [Edit("        optimizer.step()\n", "", LOOP)],
    ),
    Mistake(
        "step before backward",
        "You call step() before backward(), so each step uses the gradients of the batch before, and the first "
        "step changes nothing. Call backward() first.",
        [
            Edit("        optimizer.zero_grad()\n", "", LOOP),
            Edit(
                "loss.backward()\n        optimizer.step()",
                "optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()",
                LOOP,
            ),
        ],
    ),
    Mistake(
        "a new optimizer at every step",
        "You make the optimizer inside the loop. AdamW keeps running means of earlier gradients, and yours "
        "starts again from zero each time, so every step is equally long. Make it once, before the loop.",
        [
            Edit(
                "        loss.backward()",
                "        optimizer = AdamW(model.parameters(), lr=learning_rate)\n        loss.backward()",
                LOOP,
            )
        ],
    ),
    Mistake(
        "Adam instead of AdamW",
        "Your optimizer is Adam. AdamW also draws every weight a little towards zero at each step.",
        [
            Edit("import AdamW", "import Adam", LOOP),
            Edit("optimizer = AdamW(", "optimizer = Adam(", LOOP),
        ],
    ),
    Mistake(
        "plain descent instead of AdamW",
        "Your optimizer is SGD, whose steps grow with the gradient: the course trains with AdamW.",
        [
            Edit("import AdamW", "import SGD", LOOP),
            Edit("optimizer = AdamW(", "optimizer = SGD(", LOOP),
        ],
    ),
    Mistake(
        "learning rate not handed on",
        "lr has no effect: AdamW has its own rate of 0.001 unless you give it yours.",
        [Edit(", lr=learning_rate", "", LOOP)],
    ),
    Mistake(
        "softmax before the loss",
        "You turn the logits into probabilities before the cross-entropy, which does that itself. Squashed "
        "twice, the loss cannot come near zero and its gradients are small.",
        [Edit("logits.flatten(0, 1)", "logits.softmax(-1).flatten(0, 1)", LOSS)],
    ),
    Mistake(
        "only the last position",
        "Your loss counts the last position of a window only. Every position predicts its next token, so a "
        "window of T tokens gives T predictions.",
        [
            Edit("logits.flatten(0, 1)", "logits[:, -1]", LOSS),
            Edit("targets.flatten()", "targets[:, -1]", LOSS),
        ],
    ),
    Mistake(
        "only the first window",
        "Your loss counts only the first window of a batch. Leave out the index [0]: the mean is over all B * T "
        "positions.",
        [
            Edit("logits.flatten(0, 1)", "logits[0]", LOSS),
            Edit("targets.flatten()", "targets[0]", LOSS),
        ],
    ),
    Mistake(
        "logits mixed up when they are flattened",
        "You exchange windows and positions before you flatten the logits but not the targets, so each row meets "
        "another row's target. From (B, T, V) go straight to (B * T, V).",
        [Edit("logits.flatten(0, 1)", "logits.transpose(0, 1).flatten(0, 1)", LOSS)],
    ),
    Mistake(
        "reshaped to (B, V, T)",
        "You reshape the logits to (B, V, T), which mixes up tokens and places: a reshape does not exchange "
        "dimensions. Flatten (B, T, V) to (B * T, V), or use transpose(1, 2).",
        [
            Edit(
                "logits.flatten(0, 1), targets.flatten()",
                "logits.reshape(len(logits), logits.shape[2], -1), targets",
                LOSS,
            )
        ],
    ),
    Mistake(
        "summed, not averaged",
        "Your loss is the sum over all positions. Take the mean, so that it says how much a token costs whatever "
        "the batch.",
        [Edit("targets.flatten())", "targets.flatten(), reduction='sum')", LOSS)],
    ),
    Mistake(
        "the mean loss of all steps returned",
        "You return the mean of all steps' losses: the loss of the last step is asked for.",
        [
            Edit("    model.train()\n", "    model.train()\n    losses = []\n", LOOP),
            Edit("        loss.backward()", "        losses.append(loss.item())\n        loss.backward()", LOOP),
            Edit("return loss.item()", "return sum(losses) / len(losses)", LOOP),
        ],
    ),
    Mistake(
        "one step too few",
        "You take epochs − 1 steps. Look at the loop: range(1, epochs) has one number too few; range(epochs) has "
        "epochs of them.",
        [Edit("range(epochs)", "range(epochs - 1)", LOOP)],
    ),
    Mistake(
        "one step too many",
        "You take epochs + 1 steps. Look at the loop: range(epochs) has exactly epochs numbers.",
        [Edit("range(epochs)", "range(epochs + 1)", LOOP)],
    ),
    Mistake(
        "the last window left out",
        "No window ever starts at the last possible position, N − T − 1. torch.randint leaves its upper bound "
        "out, so it is N − T.",
        [
            Edit(
                "torch.randint(length - context_length,",
                "torch.randint(length - context_length - 1,",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "the last window left out, except where it is the only one",
        "No window ever starts at the last possible position, N − T − 1. torch.randint leaves its upper bound "
        "out, so it is N − T.",
        [
            Edit(
                "torch.randint(length - context_length,",
                "torch.randint(max(length - context_length - 1, 1),",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "a window too far",
        "Your last window starts so late that its last target is not in the text any more: the upper bound of the "
        "draw is N − T.",
        [
            Edit(
                "torch.randint(length - context_length,",
                "torch.randint(length - context_length + 1,",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "always the start of the text",
        "Every window starts at 0: draw new starts at every step.",
        [
            Edit(
                "torch.randint(length - context_length, (batch_size,), generator=generator)",
                "torch.zeros(batch_size, dtype=torch.int64)",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "the same windows at every step",
        "Every step gets the same windows: they are drawn once before the loop, or the seed is set again in each "
        "step. Draw new starts at every step.",
        [
            Edit(
                "        inputs, targets = create",
                "        __import__('torch').manual_seed(0)\n        inputs, targets = create",
                LOOP,
            )
        ],
    ),
    Mistake(
        "inputs and targets from different positions",
        "You draw new starts for the targets, so they do not follow your inputs and there is nothing to learn: "
        "cut both at the same starts.",
        [
            Edit(
                "    return torch.stack(inputs), torch.stack(targets)",
                "    starts = draw_starts(len(data), context_length, batch_size, generator)\n"
                "    targets = take_windows(data, starts.tolist(), context_length)[1]\n"
                "    return torch.stack(inputs), torch.stack(targets)",
                "create_batches",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "one start for the whole batch",
        "You draw one start at each step and use it for all windows of the batch, so they are all the same: draw "
        "a start for each "
        "window, torch.randint(…, (batch_size,)).",
        [Edit("generator=generator)", "generator=generator)[:1].expand(batch_size)", "draw_starts", BATCHES)],
    ),
    Mistake(
        "windows of a batch one after the other",
        "The windows of a batch follow each other, each one token further on: draw a start for each of them.",
        [
            Edit(
                "torch.randint(length - context_length, (batch_size,), generator=generator)",
                "torch.randint(max(length - context_length - batch_size + 1, 1), (1,), generator=generator) + "
                "torch.arange(batch_size) % (length - context_length)",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "the first window left out",
        "No window ever starts at position 0: torch.randint counts from 0 unless it is given a lower bound.",
        [
            Edit(
                "torch.randint(length - context_length, (",
                "torch.randint(1, length - context_length, (",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "the first window left out, except where it is the only one",
        "No window starts at position 0: torch.randint counts from 0 unless it is given a lower bound.",
        [
            Edit(
                "torch.randint(length - context_length, (",
                "torch.randint(min(1, length - context_length - 1), length - context_length, (",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "starts rounded",
        "You round a random number to get a start, so the first and the last are drawn half as often as the "
        "others: use torch.randint.",
        [
            Edit(
                "torch.randint(length - context_length, (batch_size,), generator=generator)",
                "(torch.rand(batch_size, generator=generator) * (length - context_length - 1)).round().long()",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "only every T-th start",
        "Windows start at 0, T, 2 T, … only, so most are never drawn: each position up to N − T − 1 is a start.",
        [
            Edit(
                "generator=generator)",
                "generator=generator) // context_length * context_length",
                "draw_starts",
                BATCHES,
            )
        ],
    ),
    Mistake(
        "batch_size and context_length exchanged",
        "Your batches have T windows of B tokens: batch_size is the number of windows, context_length that of "
        "their tokens.",
        [Edit("context_length, batch_size, generator", "batch_size, context_length, generator", LOOP)],
    ),
    Mistake(
        "the first step's loss returned",
        "You return the loss of the first step: that of the last one is asked for.",
        [
            Edit("    model.train()\n", "    model.train()\n    first = None\n", LOOP),
            Edit(
                "        loss.backward()",
                "        first = loss if first is None else first\n        loss.backward()",
                LOOP,
            ),
            Edit("return loss.item()", "return first.item()", LOOP),
        ],
    ),
    Mistake(
        "the loss measured again after the last step",
        "You measure the loss once more after the last step. The loss asked for is that of the last batch before "
        "the step taken for it.",
        [Edit("return loss.item()", "return next_token_loss(model, inputs, targets).item()", LOOP)],
    ),
    Mistake(
        "the sum of all steps' losses returned",
        "You return the sum of all steps' losses: the loss of the last step is asked for.",
        [
            Edit("    model.train()\n", "    model.train()\n    total = 0.0\n", LOOP),
            Edit("        loss.backward()", "        total += loss.item()\n        loss.backward()", LOOP),
            Edit("return loss.item()", "return total", LOOP),
        ],
    ),
    Mistake(
        "the losses of all steps returned",
        "You return a list of losses: that of the last step is asked for, one number.",
        [
            Edit("    model.train()\n", "    model.train()\n    losses = []\n", LOOP),
            Edit("        loss.backward()", "        losses.append(loss.item())\n        loss.backward()", LOOP),
            Edit("return loss.item()", "return losses", LOOP),
        ],
    ),
    Mistake(
        "the model returned",
        "You return the model. It is changed in place; what is returned is the last step's loss.",
        [Edit("return loss.item()", "return model", LOOP)],
    ),
    Mistake(
        "nothing returned",
        "You return nothing. Return the loss of the last step after the loop: loss.item().",
        [Edit("return loss.item()", "return None", LOOP)],
    ),
    *(
        Mistake(
            f"the loss rounded to {places} place{'s' * (places != 1)}",
            f"You round the loss to {places} place{'s' * (places != 1)}: four are allowed.",
            [Edit("return loss.item()", f"return round(loss.item(), {places})", LOOP)],
        )
        for places in (2, 1, 0)
    ),
    *(
        Mistake(
            f"an epoch taken for {what}",
            f"Each of your epochs is {what}, which are many steps. Here an epoch is one step on one random batch.",
            [Edit("range(epochs)", f"range(epochs * max({steps}, 1))", LOOP)],
        )
        for what, steps in (
            ("a pass over the text", "len(data) // (context_length * batch_size)"),
            (
                "a pass over the text, without its last window",
                "(len(data) - context_length) // (context_length * batch_size)",
            ),
            ("a pass over the text, without its last token", "(len(data) - 1) // (context_length * batch_size)"),
            ("as many steps as the text has batches of tokens", "len(data) // batch_size"),
            ("as many steps as there are batches of windows", "(len(data) - context_length) // batch_size"),
            ("as many steps as there are windows", "len(data) - context_length"),
            ("as many steps as the text has windows end to end", "len(data) // context_length"),
            ("as many steps as the text has tokens", "len(data)"),
        )
    ),
    Mistake(
        "gradients thrown away before the step",
        "You call zero_grad() between backward() and step(), which sets the gradients to zero: the weights do "
        "not change, except by AdamW's weight decay. Call zero_grad() before backward().",
        [
            Edit(
                "        optimizer.step()",
                "        optimizer.zero_grad(set_to_none=False)\n        optimizer.step()",
                LOOP,
            )
        ],
    ),
    Mistake(
        "a step taken twice",
        "You call step() twice in each round: once is enough.",
        [Edit("        optimizer.step()", "        optimizer.step()\n        optimizer.step()", LOOP)],
    ),
    Mistake(
        "AdamW without weight decay",
        "You switch AdamW's weight decay off: its settings are PyTorch's own, except for the learning rate.",
        [Edit("lr=learning_rate", "lr=learning_rate, weight_decay=0.0", LOOP)],
    ),
    Mistake(
        "a weight decay of 0.1",
        "You set AdamW's weight decay to 0.1: its settings are PyTorch's own (0.01), except for the learning rate.",
        [Edit("lr=learning_rate", "lr=learning_rate, weight_decay=0.1", LOOP)],
    ),
    Mistake(
        "gradients clipped",
        "You clip the gradients before the step. Real training does so; here it is not asked for, and the steps "
        "become others.",
        [
            Edit(
                "        optimizer.step()",
                "        nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n        optimizer.step()",
                LOOP,
            )
        ],
    ),
    Mistake(
        "the learning rate decays",
        "Your learning rate changes from step to step: it stays lr.",
        [
            Edit(
                "        optimizer.step()",
                "        optimizer.step()\n        optimizer.param_groups[0]['lr'] *= 0.9",
                LOOP,
            )
        ],
    ),
    Mistake(
        "only the last position of the targets for all",
        "Your loss compares every position with the last target. Each position has its own target: flatten the "
        "targets to (B * T,).",
        [Edit("targets.flatten()", "targets[:, -1:].expand_as(targets).flatten()", LOSS)],
    ),
    Mistake(
        "squared error instead of cross-entropy",
        "Your loss is the squared error between probabilities and the targets as ones and zeros: cross-entropy is "
        "asked for.",
        [
            Edit(
                "functional.cross_entropy(logits.flatten(0, 1), targets.flatten())",
                "functional.mse_loss(logits.softmax(-1), functional.one_hot(targets, logits.shape[-1]).float())",
                LOSS,
            )
        ],
    ),
    Mistake(
        "token 0 ignored",
        "Your loss leaves out the positions whose target is token 0 (ignore_index=0). Here 0 is a token like any "
        "other.",
        [Edit("targets.flatten())", "targets.flatten(), ignore_index=0)", LOSS)],
    ),
    Mistake(
        "labels smoothed",
        "Your cross-entropy smooths the labels: none is asked for.",
        [Edit("targets.flatten())", "targets.flatten(), label_smoothing=0.1)", LOSS)],
    ),
    Mistake(
        "log-softmax without the targets",
        "Your loss averages the logarithms of all probabilities: only those at the targets count.",
        [
            Edit(
                "functional.cross_entropy(logits.flatten(0, 1), targets.flatten())",
                "-logits.log_softmax(-1).mean()",
                LOSS,
            )
        ],
    ),
    Mistake(
        "one window a step",
        "Your batches hold one window. Draw batch_size windows, and give the model all of them at once.",
        [Edit("context_length, batch_size, generator", "context_length, 1, generator", LOOP)],
    ),
    Mistake(
        "trained in evaluation mode",
        "You train in evaluation mode, in which dropout is off: call model.train() before, not model.eval().",
        [Edit("model.train()", "model.eval()", LOOP)],
    ),
]
