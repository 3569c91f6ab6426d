# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Tensors and their shapes")


@app.cell
def _():
    import marimo as mo
    import torch

    from groundup.lessons import kit
    from groundup.steps.c4_training import tensors

    return kit, mo, tensors, torch


@app.cell
def _(mo):
    mo.md(
        r"""
        # Tensors and their shapes

        A tensor is numbers in a box with sides. The shape `(3, 2)` is three rows of two; it reads from the outside in. A wrong shape
        is a common mistake, and often ends in an error. The right shape over the wrong dimension is another, and ends in none. So: choose
        a move, and see where every number goes. Equal colours are the same number.
        """
    )
    return


@app.cell
def _(mo):
    rows = mo.ui.slider(1, 5, 1, value=3, label="rows M", show_value=True)
    columns = mo.ui.slider(1, 6, 1, value=4, label="columns N", show_value=True)
    move = mo.ui.dropdown(
        [
            "reshape to pairs",
            "transpose",
            "average columns (dim=0)",
            "sum rows (dim=1)",
            "join columns",
            "add a side of one",
        ],
        value="reshape to pairs",
        label="move",
    )
    mo.hstack([rows, columns, move], justify="start", wrap=True)
    return columns, move, rows


@app.cell
def _(columns, kit, mo, move, rows, tensors, torch):
    def paint(x, colours=True):
        """Return a tensor of up to two sides as a table; each number has a colour of its own."""
        table = x if x.ndim == 2 else x[None] if x.ndim == 1 else x.reshape(1, 1)
        cells = ""
        for row in table.tolist():
            cells += "<tr>"
            for number in row:
                hue = int(number * 37) % 360
                light = 35 + 15 * (int(number) // 10 % 3)
                ground = f"hsl({hue} 70% {light}% / 0.4)" if colours else "transparent"
                cells += f'<td style="background:{ground};padding:.35em .7em;min-width:2.6em;text-align:center;border:1px solid #7d859055">{number:g}</td>'
            cells += "</tr>"
        style = "border-collapse:collapse;width:max-content;font-variant-numeric:tabular-nums"
        return mo.Html(f'<div style="overflow-x:auto"><table style="{style}">{cells}</table></div>')

    def show():
        x = torch.arange(rows.value * columns.value).reshape(rows.value, columns.value).float()
        if move.value == "reshape to pairs" and x.numel() % 2:
            return kit.say(
                "warn", f"{rows.value} × {columns.value} = {x.numel()} numbers: an odd count makes no pairs."
            )
        moves = {
            "reshape to pairs": (
                tensors.reshape_to_pairs,
                "Read in order, row by row, and laid out anew. A reshape never changes the order.",
            ),
            "transpose": (
                lambda x: x.T,
                "Rows become columns. It looks like a reshape to (N, M), and is another thing: compare the colours.",
            ),
            "average columns (dim=0)": (
                tensors.average_columns,
                "The dimension that is averaged over disappears: dim=0 are the rows, so one number a column is left.",
            ),
            "sum rows (dim=1)": (
                tensors.sum_rows,
                "dim=1 are the columns: they disappear, and one number a row is left.",
            ),
            "join columns": (
                lambda x: tensors.join_columns(x, x + 100),
                "Side by side: as many rows, the columns of both.",
            ),
            "add a side of one": (
                lambda x: tensors.add_side_of_one(x[:, 0]),
                "The first column, (M,), becomes (M, 1): no number changes, but what it lines up with does.",
            ),
        }
        function, words = moves[move.value]
        result = function(x)
        same = move.value in ("reshape to pairs", "transpose", "join columns", "add a side of one")
        before, after = (
            mo.vstack([mo.md(f"shape `{tuple(t.shape)}`"), paint(t, c)]) for t, c in ((x, True), (result, same))
        )
        return mo.vstack(
            [mo.hstack([before, mo.md("→"), after], justify="start", align="center", gap=2, wrap=True), mo.md(words)]
        )

    show()
    return (paint,)


@app.cell
def _(mo):
    mo.md(
        r"""
        ## Broadcasting, or how a loss goes wrong without a word

        Between shapes that differ, sides of one are stretched: `(M, 1) − (1, N)` gives `(M, N)`, every left with every right. It
        is what makes one line of code do the work of two loops. It is also how a mean squared error comes out wrong: a model
        returns `(M, 1)`, the truth has `(M,)`, which counts as `(1, M)`, and the difference is an M × M table of strangers.
        """
    )
    return


@app.cell
def _(mo):
    left = mo.ui.dropdown(["(3,)", "(3, 1)", "(1, 3)"], value="(3, 1)", label="prediction")
    right = mo.ui.dropdown(["(3,)", "(3, 1)", "(1, 3)"], value="(3,)", label="truth")
    mo.hstack([left, right], justify="start", wrap=True)
    return left, right


@app.cell
def _(kit, left, mo, paint, right, tensors, torch):
    def subtract():
        shapes = {"(3,)": (3,), "(3, 1)": (3, 1), "(1, 3)": (1, 3)}
        prediction = torch.tensor([1.0, 2.0, 4.0]).reshape(shapes[left.value])
        truth = torch.tensor([1.0, 2.0, 3.0]).reshape(shapes[right.value])
        difference = prediction - truth
        loss, honest = difference.square().mean().item(), torch.tensor([0.0, 0.0, 1.0]).mean().item()
        told = f"The mean of its squares is {loss:.4g}; the error that was meant is {honest:.4g}."
        return mo.vstack(
            [
                mo.md(f"`prediction − truth` has the shape `{tuple(difference.shape)}`"),
                paint(difference, colours=False),
                kit.say("success" if abs(loss - honest) < 1e-6 else "danger", told),
                kit.show_source(
                    tensors.reshape_to_pairs, tensors.average_columns, tensors.join_columns, tensors.add_side_of_one
                ),
            ]
        )

    subtract()
    return


@app.cell
def _(kit):
    kit.show_task("tensors")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("tensors")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("tensors", answer.value)
    return


if __name__ == "__main__":
    app.run()
