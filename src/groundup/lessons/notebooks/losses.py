# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="What to make small")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import torch

    from groundup.lessons import kit
    from groundup.steps.c3_networks.activation import sigmoid, softmax
    from groundup.steps.c3_networks.loss import categorical_cross_entropy, cross_entropy, mean_squared_error

    return categorical_cross_entropy, cross_entropy, kit, mean_squared_error, mo, np, sigmoid, softmax, torch


@app.cell
def _(mo):
    mo.md(
        r"""
        # What to make small

        A network ends in **logits**: a score for each class, numbers of any size. Two steps make a loss of them.

        $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}} \quad\text{(softmax)}$$

        $$\text{loss} = -\ln p_{\text{right}} \quad\text{(cross-entropy)}$$

        The loss is the *surprise* at what was right: 0 for a sure and right answer, ln 10 = 2.30 for a blind guess among ten, without
        end for a sure and wrong one. Its slope along every score is as simple as can be: $p_i$, less 1 for the right class.

        ## Push the scores
        """
    )
    return


@app.cell
def _(mo):
    cat = mo.ui.slider(-6, 6, 0.25, value=1, label="cat", show_value=True)
    dog = mo.ui.slider(-6, 6, 0.25, value=2, label="dog", show_value=True)
    owl = mo.ui.slider(-6, 6, 0.25, value=-1, label="owl", show_value=True)
    right = mo.ui.dropdown(["cat", "dog", "owl"], value="cat", label="it is a")
    shift = mo.ui.slider(-50, 50, 10, value=0, label="added to all", show_value=True)
    mo.vstack(
        [mo.hstack([cat, dog, owl], justify="start", wrap=True), mo.hstack([right, shift], justify="start", wrap=True)]
    )
    return cat, dog, owl, right, shift


@app.cell
def _(cat, cross_entropy, dog, kit, mo, owl, right, shift, softmax, torch):
    def show():
        names = ["cat", "dog", "owl"]
        target = torch.tensor([names.index(right.value)])
        logits = (torch.tensor([[cat.value, dog.value, owl.value]], dtype=torch.float32) + shift.value).requires_grad_()
        loss = cross_entropy(logits, target)
        loss.backward()
        probabilities = softmax(logits.detach())[0]
        figure, (left, middle, last) = kit.make_axes(9.5, 3, 3)
        colors = [kit.GREEN if name == right.value else kit.BLUE for name in names]
        left.bar(names, logits.detach()[0], color=colors)
        left.set(title="logits")
        middle.bar(names, 100 * probabilities, color=colors)
        middle.set(title="probability, %", ylim=(0, 100))
        last.bar(names, logits.grad[0], color=[kit.RED if g > 0 else kit.GREEN for g in logits.grad[0]])
        last.axhline(0, color=kit.INK, lw=0.8)
        last.set(title="slope of the loss", ylim=(-1, 1))
        words = f"Loss **{loss.item():.4f}**: the right class has {probabilities[target].item():.2%}. The slopes sum to 0: what one class wins, the others lose."
        return mo.vstack(
            [kit.show_figure(figure, "scores, probabilities and slopes of the three classes"), mo.md(words)]
        )

    show()
    return


@app.cell
def _(mo):
    mo.md(
        r"""
        Adding the same number to all scores changes nothing: only differences count. That is also the way to compute it safely:
        the largest score is taken off first, so that no exponential overflows.

        ## A sigmoid in between

        The course's digit network squashes its scores by a sigmoid and then hands them to a cross-entropy, which squashes again. Scores
        between 0 and 1 are all there is then. Move the right class's score, all others staying at −8, and compare.
        """
    )
    return


@app.cell
def _(mo):
    score = mo.ui.slider(-10, 10, 0.5, value=-6, label="score of the right class", show_value=True)
    classes = mo.ui.slider(2, 20, 1, value=10, label="classes", show_value=True)
    mo.hstack([score, classes], justify="start", wrap=True)
    return classes, score


@app.cell
def _(classes, cross_entropy, kit, mo, np, score, sigmoid, torch):
    def measure(value, squashed):
        """Return the loss and the length of its slope along the right class's score."""
        logits = torch.full((1, classes.value), -8.0)
        logits[0, 0] = value
        logits.requires_grad_()
        loss = cross_entropy(sigmoid(logits) if squashed else logits, torch.tensor([0]))
        loss.backward()
        return loss.item(), abs(logits.grad[0, 0].item())

    def compare():
        grid = np.linspace(-10, 10, 81)
        plain, squashed = (np.array([measure(float(x), how) for x in grid]) for how in (False, True))
        figure, (left, right) = kit.make_axes(9.5, 3.2, 2)
        for axes, place, title in ((left, 0, "loss"), (right, 1, "steepness: what there is to learn from")):
            axes.plot(grid, plain[:, place], color=kit.BLUE, label="on logits")
            axes.plot(grid, squashed[:, place], color=kit.RED, label="with a sigmoid")
            axes.axvline(score.value, color=kit.INK, lw=0.8)
            axes.set(title=title, xlabel="score of the right class", xticks=range(-10, 11, 5))
        left.legend()
        floor = np.log(1 + (classes.value - 1) / np.e)
        here, there = measure(score.value, False), measure(score.value, True)
        words = (
            f"On logits the loss is {here[0]:.4f} here, with a sigmoid {there[0]:.4f}. With {classes.value} classes it can never fall below "
            f"ln(1 + {classes.value - 1}/e) = {floor:.4f}, however right the network is. The slope here is {there[1]:.2g} with the sigmoid, {here[1]:.2g} on logits"
        )
        words += (
            ": the network is wrong, and where the sigmoid is flat there is next to nothing to learn from."
            if score.value < 0 and there[1] < here[1] / 2
            else "."
        )
        return mo.vstack([kit.show_figure(figure, words), mo.md(words)])

    compare()
    return


@app.cell
def _(categorical_cross_entropy, cross_entropy, kit, mean_squared_error, sigmoid, softmax):
    kit.show_source(softmax, sigmoid, cross_entropy, categorical_cross_entropy, mean_squared_error)
    return


@app.cell
def _(kit):
    kit.show_task("softmax")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("softmax")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("softmax", answer.value)
    return


if __name__ == "__main__":
    app.run()
