"""The known mistakes in the learned bigram table, as edits of `groundup.steps.c5_words.bigram`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LOSS, GRADIENT, TRAIN = "measure_table_loss", "find_table_gradient", "learn_table"
SUMMED = "-(counts * table.log_softmax(dim=1)).sum()"
MEAN = f"float({SUMMED} / counts.sum())"
PREDICTED = "counts.sum(dim=1, keepdim=True) * table.softmax(dim=1)"
DIFFERENCE = "(predicted - counts) / counts.sum()"
STEP = "table = table - rate * find_table_gradient(table, counts)"

# What follows each token where it occurs last.
LAST = "{int(pair) // len(table): int(pair) % len(table) for pair in count_pairs.last}"
OVERWRITTEN = (
    "torch.stack([(row.softmax(dim=0) - torch.eye(len(table))[last[token]]) if token in last else 0 * row "
    "for token, row in enumerate(table)])"
)


def loss(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the loss."""
    return Mistake(name, says, [Edit(f"return {MEAN}", f"return {new}", LOSS)])


def gradient(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the gradient."""
    return Mistake(name, says, [Edit(f"return {DIFFERENCE}", f"return {new}", GRADIENT)])


def train(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the training."""
    return Mistake(name, says, [Edit(old, new, TRAIN)])


LOSSES = [
    loss(
        "the losses added up",
        "You add up the losses of all pairs: take their mean, over N = {N} pairs.",
        f"float({SUMMED})",
    ),
    loss(
        "probabilities below 10⁻¹² raised to it",
        "You keep the probabilities from becoming smaller than 10⁻¹², so that no pair costs more than 27.6. Take the logarithm of the softmax in one step: "
        "z − log Σ exp(z) needs no border.",
        "float(-(counts * table.softmax(dim=1).clamp(min=1e-12).log()).sum() / counts.sum())",
    ),
    loss(
        "divided by the number of tokens",
        "You divide by T, the number of tokens. There is one loss per pair, and T tokens have T − 1 pairs.",
        f"float({SUMMED} / (counts.sum() + 1))",
    ),
    loss(
        "divided by the size of the vocabulary",
        "You divide by V = {V}. The mean is over the N = {N} pairs of the text.",
        f"float({SUMMED} / len(table))",
    ),
    loss(
        "without the minus",
        "Your loss is negative: it is the mean of −log p.",
        f"-{MEAN}",
    ),
    loss(
        "bits instead of nats",
        "You take the logarithm to the base of 2: the natural one is meant, np.log.",
        f"{MEAN} / 0.6931471805599453",
    ),
    loss(
        "softmax over the columns",
        "Your softmax runs down the columns of the table: row i holds the logits of what follows token i, so each row gets a softmax.",
        MEAN.replace("dim=1", "dim=0"),
    ),
    loss(
        "no softmax",
        "You take the logits for log-probabilities: their log-softmax is, row by row.",
        MEAN.replace("table.log_softmax(dim=1)", "table"),
    ),
    loss(
        "no logarithm",
        "You average −p: the loss is the mean of −log p.",
        MEAN.replace("log_softmax", "softmax"),
    ),
    Mistake(
        "columns of the table read instead of rows",
        "You take the token's column of the table. Row i holds the logits of what follows token i: table[tokens].",
        [
            Edit(f"return {MEAN}", f"return {MEAN.replace('dim=1', 'dim=0').replace('counts *', 'counts.T *')}", LOSS),
            Edit(PREDICTED, "counts.sum(dim=1, keepdim=True) * table.softmax(dim=0).T", GRADIENT),
        ],
    ),
    loss(
        "softmax over the pairs of the text",
        "Your softmax runs over the pairs of the text. Each pair has its own, over the V = {V} tokens that may follow: axis=1.",
        MEAN.replace(
            "table.log_softmax(dim=1)", "(table - (counts.sum(dim=1, keepdim=True) * table.exp()).sum(dim=0).log())"
        ),
    ),
    loss(
        "the token itself taken for the next one",
        "You take the probability of the token itself: take that of the token that follows, tokens[1:].",
        MEAN.replace("counts *", "counts.sum(dim=1).diag() *"),
    ),
    loss(
        "token and next token exchanged",
        "You look up the row of the next token and take the column of the one before. The row belongs to the token, the column to the "
        "one that follows.",
        MEAN.replace("counts *", "counts.T *"),
    ),
    loss(
        "exponentials overflow",
        "Large logits overflow in exp, and very small probabilities have the logarithm −∞. log p is the logit minus the logarithm of the "
        "row's sum of exponentials: subtract the largest logit of each row first.",
        "float(-torch.where(counts > 0, counts * (table.exp() / table.exp().sum(dim=1, keepdim=True)).log(), 0.0).sum() / counts.sum())",
    ),
    loss(
        "logarithm of a probability that became 0",
        "A very small probability becomes 0, and its logarithm −∞. log p is the logit minus the logarithm of the row's sum of "
        "exponentials: compute it without dividing first.",
        "float(-torch.where(counts > 0, counts * table.softmax(dim=1).log(), 0.0).sum() / counts.sum())",
    ),
    loss(
        "each pair counted once",
        "You count a pair that occurs several times once: every pair of the text has its loss.",
        MEAN.replace("counts *", "counts.clamp(max=1) *").replace("counts.sum()", "counts.clamp(max=1).sum()"),
    ),
    loss(
        "e to the power of the loss",
        "You return the perplexity: leave out the last exp.",
        f"torch.tensor({MEAN}).exp().item()",
    ),
    loss(
        "loss rounded to 2 places",
        "You round the loss to 2 decimal places. Keep at least 5, or do not round.",
        f"round({MEAN}, 2)",
    ),
]

GRADIENTS = [
    gradient(
        "gradient not divided by the number of pairs",
        "Your gradient belongs to the sum of the losses: divide by N = {N}, as the mean does.",
        "predicted - counts",
    ),
    gradient(
        "gradient divided by the size of the vocabulary",
        "You divide the gradient by V = {V}: divide by N = {N} pairs, as the mean does.",
        "(predicted - counts) / len(counts)",
    ),
    gradient(
        "gradient divided by the number of tokens",
        "You divide the gradient by T, the number of tokens: divide by N = {N} pairs.",
        "(predicted - counts) / (counts.sum() + 1)",
    ),
    gradient(
        "gradient with the wrong sign",
        "Your gradient has the wrong sign: it is the predicted probability minus 1 at the token that follows.",
        "(counts - predicted) / counts.sum()",
    ),
    gradient(
        "gradient without the softmax",
        "You subtract 1 at the tokens that follow, but the predicted probabilities are missing: softmax − one-hot.",
        "-counts / counts.sum()",
    ),
    gradient(
        "gradient without the ones",
        "The predicted probabilities are there, but 1 is not subtracted at the tokens that follow: softmax − one-hot.",
        "predicted / counts.sum()",
    ),
    gradient(
        "every row with the same weight",
        "You take softmax − p row by row. A row that occurs more often counts more: it adds its softmax once for each of its pairs.",
        "table.softmax(dim=1) - find_shares(counts)",
    ),
    gradient(
        "the softmax of each row once",
        "You subtract all pairs of a row from one softmax. The softmax is added once for each pair of the row.",
        "(table.softmax(dim=1) - counts) / counts.sum()",
    ),
    gradient(
        "gradient softmax over the columns",
        "Your softmax in the gradient runs down the columns: each row gets a softmax of its own.",
        "(counts.sum(dim=1, keepdim=True) * table.softmax(dim=0) - counts) / counts.sum()",
    ),
    gradient(
        "gradient transposed",
        "Your gradient is transposed: it has the table's layout, row i for token i.",
        "((predicted - counts) / counts.sum()).T",
    ),
    gradient(
        "gradient of each different pair once",
        "A pair that occurs several times pushes its row once only. Add the gradients of all pairs: a loop or np.add.at does.",
        "(table.softmax(dim=1) * (counts.sum(dim=1, keepdim=True) > 0) - counts.clamp(max=1)) / counts.sum()",
    ),
    Mistake(
        "gradient of the last pair alone",
        "A row that occurs several times keeps the gradient of its last pair alone: you overwrite (= for +=), or write grad[a] += d with an array of indices, "
        "where NumPy adds once per row. Add all of them: a loop or np.add.at does.",
        [
            Edit("return torch.bincount", "count_pairs.last = pairs\n    return torch.bincount", "count_pairs"),
            Edit(f"return {DIFFERENCE}", f"last = {LAST}\n    return {OVERWRITTEN} / counts.sum()", GRADIENT),
        ],
    ),
    gradient(
        "gradient rounded to 2 places",
        "You round the gradient to 2 decimal places. Keep at least 5, or do not round.",
        "((predicted - counts) / counts.sum()).round(decimals=2)",
    ),
    gradient(
        "table changed in place",
        "You change the table that is passed in: the gradient is a new table. Subtract nothing from the old one here.",
        "table.copy_((predicted - counts) / counts.sum())",
    ),
]

TRAINING = [
    train("uphill", "You add the gradient, which makes the loss larger: subtract it.", "table - rate", "table + rate"),
    train(
        "the learning rate left out",
        "Your steps do not depend on the learning rate: multiply the gradient by it.",
        "rate *",
        "1.0 *",
    ),
    train("one step too many", "You make one step more than is asked for.", "range(steps)", "range(steps + 1)"),
    train("one step too few", "You make one step less than is asked for.", "range(steps)", "range(steps - 1)"),
    train(
        "only one step",
        "You make a single step: is there a return inside the loop?",
        "range(steps)",
        "range(min(steps, 1))",
    ),
    train(
        "the first gradient for every step",
        "You compute the gradient once, before the loop. It changes with the table: compute it in every step.",
        STEP,
        "table = table - rate * find_table_gradient(torch.zeros_like(counts), counts)",
    ),
    train(
        "the last gradient alone",
        "You begin every step at 0 again: subtract from the table of the step before.",
        STEP,
        "table = -rate * find_table_gradient(table, counts)",
    ),
    train(
        "begins with random numbers",
        "Your table begins with random numbers: begin with zeros.",
        "torch.zeros_like(counts)",
        "torch.randn_like(counts)",
    ),
    train(
        "begins with ones",
        "Your table begins with ones: begin with zeros.",
        "torch.zeros_like(counts)",
        "torch.ones_like(counts)",
    ),
    train(
        "probabilities instead of logits",
        "You return the probabilities. The table of logits is asked for.",
        "return table",
        "return table.softmax(dim=1)",
    ),
    train(
        "the loss instead of the table",
        "You return the loss. The table is asked for.",
        "return table",
        "return torch.tensor(measure_table_loss(table, counts))",
    ),
]

MISTAKES = [*LOSSES, *GRADIENTS, *TRAINING]
