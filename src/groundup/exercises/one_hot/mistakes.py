"""The known mistakes in one-hot vectors, as edits of `groundup.steps.c5_words.embedding`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

HOT, LOOK = "one_hot", "look_up"
ONES = "(words.unsqueeze(-1) == torch.arange(vocabulary_size)).float()"
ROWS = "table[words]"


def hot(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the one-hot vectors of one text in a batch, (1, T, V)."""
    return Mistake(name, says, [Edit(f"return {ONES}", f"return {new.replace('ONES', ONES)}", HOT)])


def look(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the product of one-hot vectors and table."""
    return Mistake(name, says, [Edit(f"return {ROWS}", f"return {new}", LOOK)])


VECTORS = [
    hot(
        "ids counted from 1",
        "Your 1 stands one place too early: ids count from 0, so the id 0 has its 1 in the first column.",
        "(words.unsqueeze(-1) == 1 + torch.arange(vocabulary_size)).float()",
    ),
    Mistake(
        "ids counted from 1, in both functions",
        "You take 1 away from the ids, so that the id 0 becomes −1, the last column. They count from 0: use them as they are.",
        [
            Edit(
                f"return {ONES}",
                "return (((words - 1) % vocabulary_size).unsqueeze(-1) == torch.arange(vocabulary_size)).float()",
                HOT,
            ),
            Edit(f"return {ROWS}", "return table[words - 1]", LOOK),
        ],
    ),
    hot(
        "ids counted from 1, the id 0 in the last column",
        "You take 1 away from the ids, so that the id 0 becomes −1, the last column. They count from 0: use them as they are.",
        "(((words - 1) % vocabulary_size).unsqueeze(-1) == torch.arange(vocabulary_size)).float()",
    ),
    hot(
        "one place too late, past the last column",
        "You add 1 to the ids, so that the last one fails: the id itself is the column, without + 1.",
        "torch.eye(vocabulary_size)[words + 1]",
    ),
    hot(
        "one place too late",
        "Your 1 stands one place too late: the id itself is the column, without + 1.",
        "(words.unsqueeze(-1) + 1 == torch.arange(vocabulary_size)).float()",
    ),
    hot(
        "as many columns as the largest id needs",
        "Your vectors are as long as the largest id of this text needs. They have V = {V} numbers, also for tokens that do not occur.",
        "(words.unsqueeze(-1) == torch.arange(int(words.max()) + 1)).float()",
    ),
    hot(
        "one column too many",
        "Your vectors have V + 1 numbers: V is enough, for the ids 0 to V − 1.",
        "(words.unsqueeze(-1) == torch.arange(vocabulary_size + 1)).float()",
    ),
    hot(
        "transposed",
        "Your table is transposed: a row per token (T = {T}), a column per id (V = {V}).",
        "ONES.transpose(-1, -2)",
    ),
    hot(
        "token 0 taken for padding",
        "You give the id 0 a vector of zeros. It is a token like the others here: its 1 is in column 0.",
        "ONES * (words != 0).unsqueeze(-1)",
    ),
    hot(
        "zeros and ones exchanged",
        "Your zeros and ones are exchanged: one number of each row is 1, all others are 0.",
        "1 - ONES",
    ),
    hot(
        "the id instead of a 1",
        "You write the id itself into its column: write 1.",
        "ONES * words.unsqueeze(-1)",
    ),
    hot(
        "one vector for the whole text",
        "You return a single vector with the ones of all tokens (a bag of words). Each token gets a vector of its own.",
        "ONES.amax(dim=1)",
    ),
    hot(
        "one vector counts the whole text",
        "You return a single vector that counts the tokens (a bag of words). Each token gets a vector of its own.",
        "ONES.sum(dim=1)",
    ),
    hot(
        "the same vector in every row",
        "All your rows are one and the same vector, with the ones of all tokens. Make a new vector of zeros for each token, inside the "
        "loop; [[0] * V] * T repeats a single list.",
        "ONES.amax(dim=1, keepdim=True).expand(-1, words.shape[1], -1)",
    ),
    hot(
        "the vector not cleared",
        "Your rows keep the ones of the tokens before. Make a new vector of zeros for each token, inside the loop.",
        "ONES.cumsum(dim=1).clamp(max=1)",
    ),
    hot(
        "ones up to the id",
        "Your row is 1 up to the id. One number alone is 1, in the column of the id.",
        "(words.unsqueeze(-1) >= torch.arange(vocabulary_size)).float()",
    ),
    hot(
        "only the first token",
        "You return the vector of the first token alone: is there a return inside the loop?",
        "ONES[:, :1]",
    ),
    hot(
        "only the last token",
        "You return the vector of the last token alone: keep one for each token.",
        "ONES[:, -1:]",
    ),
    hot(
        "the last token left out",
        "The last token has no vector. Look for a range or a slice that ends one too early.",
        "ONES[:, :-1]",
    ),
    hot(
        "repeated tokens only once",
        "A token that occurs twice gets its vector twice, at both positions.",
        "(words.unique().unsqueeze(-1) == torch.arange(vocabulary_size)).float()[None]",
    ),
    hot(
        "sorted",
        "Your rows are in the order of the ids: they are in the order of the text.",
        "(words.sort(dim=-1).values.unsqueeze(-1) == torch.arange(vocabulary_size)).float()",
    ),
    hot(
        "columns counted from the end",
        "You count the columns from the end: the id 0 has its 1 in the first column.",
        "ONES.flip(-1)",
    ),
    hot(
        "a dimension too many",
        "Your result has a dimension too many in front, (1, T, V): (T, V) is asked for.",
        "ONES[:, None]",
    ),
    hot(
        "a flat table",
        "You return all numbers in one row: the shape is (T, V).",
        "ONES.flatten(1)",
    ),
]

PRODUCTS = [
    look(
        "the rows added up",
        "You add the rows of all tokens up (a bag of words). Each token keeps its own row: one_hot @ table.",
        f"{ROWS}.sum(dim=0)",
    ),
    look(
        "the rows averaged",
        "You average the rows of all tokens. Each token keeps its own row: one_hot @ table.",
        f"{ROWS}.mean(dim=0)",
    ),
    look(
        "columns of the table",
        "You pick columns of the table: its rows belong to the ids. The product is one_hot @ table, not one_hot @ table.T.",
        "table.T[words]",
    ),
    look(
        "multiplied by the transposed table",
        "You multiply by the transposed table, which fits only where it is square, and picks columns there: one_hot @ table, without .T.",
        # As NumPy multiplies, with its own error where the shapes do not fit.
        "torch.from_numpy((words.unsqueeze(-1) == torch.arange(len(table))).to(table.dtype).numpy() @ table.T.numpy())",
    ),
    look(
        "one-hot vectors as wide as the largest id needs",
        "Your one-hot vectors are as wide as the largest id of this text needs, so that the product fits no larger table. "
        "They have a number for each row of the table: len(table).",
        # As NumPy multiplies, with its own error where the shapes do not fit.
        "torch.from_numpy((words.unsqueeze(-1) == torch.arange(int(words.max()) + 1)).to(table.dtype).numpy() @ table.numpy())",
    ),
    look(
        "each different token once",
        "You look up each different token once, in the order of the ids. A token that occurs twice gets its row twice, where it stands.",
        "table[words.unique()]",
    ),
    look(
        "product transposed",
        "Your product is transposed: a row per token (T = {T}), with the width of the table.",
        f"{ROWS}.T",
    ),
    look(
        "the table picks",
        "You multiply in the other order, or with the one-hot vectors transposed: a row of one_hot meets all rows of the table, one_hot @ table.",
        "(words.unsqueeze(-1) == torch.arange(len(table))).to(table.dtype).T @ table",
    ),
    look(
        "the row before",
        "You take the row before each token's own: ids count from 0.",
        "table[words - 1]",
    ),
    look(
        "the row after",
        "You take the row after each token's own: ids count from 0.",
        "table[(words + 1) % len(table)]",
    ),
    look(
        "row 0 taken for padding",
        "You give the id 0 a row of zeros. It is a token like the others here: its row is the first of the table.",
        f"{ROWS} * (words != 0)[:, None]",
    ),
    look(
        "rows rounded to 2 places",
        "You round the rows. Return them as they are in the table.",
        f"{ROWS}.round(decimals=2)",
    ),
    look(
        "rows cut to whole numbers",
        "Your rows are cut to whole numbers: the array that you fill holds integers. Make it of floats.",
        f"{ROWS}.trunc()",
    ),
    look(
        "one number per token",
        "You add each row up: a token's row keeps its d = {d} numbers.",
        f"{ROWS}.sum(dim=-1)",
    ),
    look(
        "table changed in place",
        "You change the table that is passed in: code that uses it afterwards gets another one.",
        "table.copy_(table.flip(0)).flip(0)[words]",
    ),
]

MISTAKES = [*VECTORS, *PRODUCTS]
