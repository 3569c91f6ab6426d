# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Draw a digit")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import torch

    from groundup.lessons import kit
    from groundup.lessons.drawing import Board, read_board
    from groundup.steps.c4_training.digits import DigitNetwork
    from groundup.tasks.digits.model import Recogniser

    return Board, DigitNetwork, Recogniser, kit, mo, np, read_board, torch


@app.cell
def _(mo):
    mo.md(
        r"""
        # Draw a digit

        A picture is numbers: 28 × 28 grey levels in a row make 784 inputs. In a hidden layer each node has a pattern of its own, one
        weight for each pixel, and measures how well the picture fits it; each of ten outputs weighs what the nodes measured:

        $$784 \;\to\; 512 \text{ nodes} \;\to\; \text{ReLU} \;\to\; \text{dropout} \;\to\; 10 \text{ scores}$$

        The softmax makes probabilities of the ten scores; the largest is the answer.

        Draw below, or move the slider through pictures that were held out when it was trained. Your latest digits run is used; there
        being none, a small one is trained now, on scikit-learn's handwritten digits. To test a network it must be in evaluation mode
        (`model.eval()`), or dropout still switches nodes off; `torch.inference_mode()` is another thing: it leaves the slopes out.
        """
    )
    return


@app.cell
def _(Recogniser, kit):
    _run = kit.open_trained("digits")
    recogniser = Recogniser.open(_run)
    samples, unseen = kit.open_pictures(_run, recogniser.classes)
    kit.name_run(_run)
    return recogniser, samples, unseen


@app.cell
def _(Board, mo, samples):
    board = mo.ui.anywidget(Board())
    sample = mo.ui.slider(0, len(samples) - 1, 1, value=min(12, len(samples) - 1), label="or a sample", show_value=True)
    mo.vstack([board, sample])
    return board, sample


@app.cell
def _(board, read_board, sample, samples):
    drawn = read_board(board.value["picture"])
    pixels = samples.pixels[sample.value] if drawn is None else drawn
    return drawn, pixels


@app.cell
def _(drawn, kit, mo, np, pixels, recogniser, sample, samples, unseen):
    def look():
        probabilities = recogniser.probabilities(pixels[None])[0]
        best = int(probabilities.argmax())
        figure, (left, right) = kit.make_axes(8.5, 3.2, 2, width_ratios=[1, 2])
        left.imshow(pixels, cmap="gray_r", vmin=0, vmax=255)
        left.set(title="what the network sees", xticks=[], yticks=[])
        colors = [kit.ORANGE if place == best else kit.BLUE for place in range(len(probabilities))]
        right.bar(recogniser.classes, 100 * probabilities, color=colors)
        right.set(title="how sure it is, %", ylim=(0, 100))
        told = f"It reads **{recogniser.classes[best]}**, {probabilities[best]:.0%} sure."
        if drawn is None:
            told += f" It is {samples.classes[samples.labels[sample.value]]}."
            if not unseen:
                told += " (The pictures that your run held out are gone; these are built in, and it may have learned from them.)"
        else:
            if np.max(probabilities) < 0.5:
                told += " It hesitates: it has only seen digits as its training set writes them."
            told += " *Clear* brings the samples back."
        return mo.vstack([kit.show_figure(figure, "the picture, and the probability of every digit"), mo.md(told)])

    look()
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## What a hidden node answers to

        A node's weights are one for each pixel: laid out as a picture, they show its pattern. Would you expect strokes and loops? Few are:
        most are mottled, and only many of them together tell the digits apart. Ink on orange speaks for the node, ink on purple against
        it. Here are nodes in the order of how much your picture excites them; above each is how much, and the digit it speaks for most.
        A node below 0 is silent: the ReLU makes it 0.
        """
    )
    return


@app.cell
def _(mo):
    count = mo.ui.slider(4, 24, 4, value=12, label="nodes", show_value=True)
    order = mo.ui.dropdown(["most excited first", "least excited first"], value="most excited first", label="order")
    mo.hstack([count, order], justify="start", wrap=True)
    return count, order


@app.cell
def _(DigitNetwork, count, kit, mo, np, order, pixels, recogniser, torch):
    def open_nodes():
        linears = [
            m for m in recogniser.network.modules() if getattr(m, "weight", None) is not None and m.weight.ndim == 2
        ]
        if len(linears) != 2 or linears[0].weight.shape[1] != 784:
            return kit.say(
                "info",
                "Your latest run is no dense network: its nodes look through small windows instead of at whole pictures.",
            )
        first, last = linears
        with torch.inference_mode():
            answers = first(recogniser.scale(torch.from_numpy(pixels[None].copy())))[0]
        ranked = answers.argsort(descending=order.value.startswith("most"))[: count.value]
        columns = 6
        rows = -(-len(ranked) // columns)
        figure, axes = kit.make_axes(8.5, 1.75 * rows, 1)
        axes.remove()
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, node in zip(grid, ranked.tolist(), strict=False):
            weights = first.weight[node].detach().float().reshape(28, 28).numpy()
            limit = np.abs(weights).max()
            axes.imshow(weights, cmap="PuOr_r", vmin=-limit, vmax=limit)
            axes.set_title(
                f"node {node}: {answers[node]:.1f}\nspeaks for {recogniser.classes[int(last.weight[:, node].argmax())]}",
                fontsize=10,
            )
        for axes in grid:
            axes.set(xticks=[], yticks=[])
            axes.set_frame_on(False)
        return kit.show_figure(figure, "the weights of the hidden nodes as pictures, the " + order.value)

    mo.vstack([open_nodes(), kit.show_source(DigitNetwork)])
    return


@app.cell
def _(kit):
    kit.show_task("digits-network")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("digits-network")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("digits-network", answer.value)
    return


if __name__ == "__main__":
    app.run()
