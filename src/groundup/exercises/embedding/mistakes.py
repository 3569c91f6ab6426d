"""What goes wrong in looking up embeddings."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LOOK = "table[words]"


def wrong(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of something else in the place of the look-up."""
    return Mistake(name, says, [Edit(LOOK, new, "look_up")])


MISTAKES = [
    wrong(
        "ids counted from 1",
        "You take the row before: here the numbers count the rows from 0.",
        "table[words - 1]",
    ),
    wrong(
        "token 0 taken for padding",
        "You give token 0 a vector of zeros. It is a token like the others here: return row 0 as it is in the table.",
        "table[words] * (words != 0)[..., None]",
    ),
    wrong(
        "columns instead of rows",
        "You pick columns of the table. A word's vector is a row: the table has a row for each of the {V} words.",
        "table.T[words % table.shape[1]]",
    ),
    wrong(
        "columns instead of rows, as far as there are any",
        "You pick columns of the table. A word's vector is a row: the table has a row for each of the {V} words.",
        "table.T[words]",
    ),
    wrong(
        "columns picked in every row",
        "You pick columns, table[:, ids]. A word's vector is a row: table[ids].",
        "table[:, words]",
    ),
    wrong(
        "averaged over the text",
        "You return one average vector for each text: each token keeps a vector of its own.",
        "table[words].mean(dim=-2)",
    ),
    wrong(
        "summed over the text",
        "You add the vectors of a text up: each token keeps a vector of its own.",
        "table[words].sum(dim=-2)",
    ),
    wrong(
        "texts and positions exchanged",
        "Your first two dimensions are exchanged: the vectors lie as the numbers do, with one more dimension at "
        "the end.",
        "table[words].transpose(0, 1)",
    ),
    wrong(
        "positions and width exchanged",
        "Your last two dimensions are exchanged: a token's vector lies along the last one.",
        "table[words].transpose(-1, -2)",
    ),
    wrong(
        "dimensions of 1 lost",
        "You squeeze the result, so that dimensions of size 1 disappear: the result has the shape of the "
        "numbers, with one more dimension of d = {d} at the end.",
        "table[words].squeeze()",
    ),
    wrong(
        "one text becomes a batch",
        "One text, shape (T,), comes back with a dimension too many in front: (T, d) is asked for.",
        "table[words] if words.ndim > 1 else table[words][None]",
    ),
    Mistake(
        "batches only",
        "It takes several texts only, and fails on one, shape (T,). table[ids] takes any shape.",
        [Edit(f"return {LOOK}", f"batch, time = words.shape\n    return {LOOK}", "look_up")],
    ),
    wrong(
        "multiplied by the root of d",
        "You multiply the vectors by √d = √{d}, as the transformer of 2017 does after its embedding. A look-up "
        "returns them as they are.",
        "table[words] * table.shape[1] ** 0.5",
    ),
    wrong(
        "divided by the root of d",
        "You divide the vectors by √d = √{d}. A look-up returns them as they are.",
        "table[words] / table.shape[1] ** 0.5",
    ),
    wrong(
        "cut to whole numbers",
        "Your vectors are cut to whole numbers: the tensor that you fill has the type of the token numbers. Give it the table's dtype.",
        "table[words].long()",
    ),
    wrong(
        "no gradient",
        "The values are right, but no gradient reaches the table: the embeddings never learn. Look for detach(), .data, no_grad(), tolist(), item(), or a "
        "new tensor made of old values. table[ids] keeps the gradient.",
        "table[words].detach()",
    ),
    wrong(
        "the next row",
        "You take the row after each word's own. Row number id belongs to the word id: index the table with "
        "token_ids as they are, without + 1.",
        "table[(words + 1) % len(table)]",
    ),
    wrong(
        "rows counted from the end",
        "You count the rows from the end of the table. Number 0 is the first row.",
        "table[len(table) - 1 - words]",
    ),
    wrong(
        "summed over the width",
        "You return one number for each token: a token's vector has all its d = {d} numbers.",
        "table[words].sum(dim=-1)",
    ),
    wrong(
        "averaged over the width",
        "You return one number for each token: a token's vector has all its d = {d} numbers.",
        "table[words].mean(dim=-1)",
    ),
    wrong(
        "only the first number of each vector",
        "You return one number for each token, the first of its vector: a token's vector has all its d = {d} numbers.",
        "table[words, 0]",
    ),
    wrong(
        "repeated words only once",
        "You look every word up only once. A word that occurs twice gets its vector twice, at both positions.",
        "table[words.unique()]",
    ),
    wrong(
        "sorted",
        "You put the words in order. The vectors are in the order of the text.",
        "table[words.sort(dim=-1).values]",
    ),
    wrong(
        "texts read backwards",
        "Your vectors run from the last word of a text to the first. Look for flip, reversed or [::-1], and "
        "leave it out.",
        "table[words.flip(-1)]",
    ),
    wrong(
        "vectors normalized",
        "You bring the vectors to length 1. A look-up returns them as they are.",
        "torch.nn.functional.normalize(table[words], dim=-1)",
    ),
    wrong(
        "softmax of the vectors",
        "You put a softmax on the vectors. A look-up returns them as they are.",
        "table[words].softmax(dim=-1)",
    ),
    wrong(
        "positions added",
        "You add each token's position to its vector. Positions are another part of a model: return the rows as "
        "they are.",
        "table[words] + torch.arange(words.shape[-1])[:, None]",
    ),
    wrong(
        "texts and positions exchanged, where there are several texts",
        "Your result is (T, B, d): the first dimension is the text, the second one the position in it, (B, T, d).",
        "table[words].transpose(0, -2)",
    ),
    wrong(
        "texts joined to one",
        "You put all texts into one long row: the result has the shape of the numbers, with one more dimension "
        "of d = {d} at the end.",
        "table[words.flatten()]",
    ),
    wrong(
        "vectors joined to one row",
        "You join the vectors of a text to one long row: keep a dimension of d = {d} at the end.",
        "table[words].flatten(-2)",
    ),
    wrong(
        "one-hot vectors",
        "You return the one-hot vectors, V = {V} numbers a token: multiply them with the table, or pick its rows at once.",
        "torch.nn.functional.one_hot(words, len(table)).to(table.dtype)",
    ),
    wrong(
        "one-hot vectors too short",
        "Your one-hot vectors are as long as the largest number in the text, and fit the table only where its "
        "last word occurs. They need one position for each of the {V} words: one_hot(ids, len(table)).",
        "torch.nn.functional.one_hot(words).to(table.dtype) @ table",
    ),
    wrong(
        "only the first word",
        "You return the vector of the first token only. Every token has one: leave out the index [0] in the end.",
        "table[words[..., :1]]",
    ),
    wrong(
        "only the last word",
        "You return the vector of the last token only. Every token has one: leave out the index [-1] in the end.",
        "table[words[..., -1:]]",
    ),
    wrong(
        "the last word left out",
        "The last token of each text has no vector. Look for a slice that ends one too early, such as [:, :-1].",
        "table[words[..., :-1]]",
    ),
    wrong(
        "only the first text",
        "You look up the first text only. Index the table with all of token_ids, not with token_ids[0].",
        "table[words[:1]]",
    ),
    wrong(
        "the first rows, whatever the words",
        "You return the first rows of the table, whatever the numbers. Row number id belongs to the word of that number.",
        "table[(words * 0 + torch.arange(words.shape[-1])) % len(table)]",
    ),
]
