# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="One neuron and the chain rule")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from groundup.lessons import kit
    from groundup.steps.c3_networks.neuron import differentiate_neuron, neuron, relu, sigmoid

    return differentiate_neuron, kit, mo, neuron, np, relu, sigmoid


@app.cell
def _(mo):
    mo.md(
        r"""
        # One neuron and the chain rule

        A neuron is a linear regression with a bend behind it:

        $$z = w_1 x_1 + w_2 x_2 + b$$

        $$\hat y = \sigma(z) = \frac{1}{1 + e^{-z}}$$

        $$\text{loss} = \tfrac12(\hat y - y)^2$$

        How must $w_1$ change for the loss to fall? Nobody asks the whole formula. Each part tells its own slope, and the slopes
        are multiplied, from the loss back to the weight. That is the **chain rule**, and done for a whole network it is
        *backpropagation* (Rumelhart, Hinton and Williams, 1986).

        ## Turn the weights

        The inputs are $x_1 = 1$ and $x_2 = 2$.
        """
    )
    return


@app.cell
def _(mo):
    w1 = mo.ui.slider(-4, 4, 0.1, value=0.5, label="w₁", show_value=True)
    w2 = mo.ui.slider(-4, 4, 0.1, value=-0.5, label="w₂", show_value=True)
    b = mo.ui.slider(-4, 4, 0.1, value=0.1, label="b", show_value=True)
    truth = mo.ui.slider(0, 1, 0.1, value=1, label="truth y", show_value=True)
    mo.vstack([mo.hstack([w1, w2], justify="start", wrap=True), mo.hstack([b, truth], justify="start", wrap=True)])
    return b, truth, w1, w2


@app.cell
def _(b, differentiate_neuron, kit, mo, neuron, np, sigmoid, truth, w1, w2):
    x = np.array([1.0, 2.0])

    def show():
        w = np.array([w1.value, w2.value], float)
        z = float(w @ x + b.value)
        prediction = neuron(x, w, float(b.value))
        slopes, bias_slope = differentiate_neuron(x, w, float(b.value), float(truth.value))
        figure, (left, right) = kit.make_axes(9, 3.4, 2)
        grid = np.linspace(min(-8, z - 1), max(8, z + 1), 300)
        left.plot(grid, sigmoid(grid), color=kit.BLUE)
        left.axhline(truth.value, color=kit.GREEN, lw=1, ls="--", label="truth")
        left.legend(loc="center left")
        left.plot([z], [prediction], "o", color=kit.ORANGE, ms=9)
        left.set(title="σ(z), and where it stands", xlabel="z", ylabel="prediction")
        right.bar(["w₁", "w₂", "b"], [*slopes, bias_slope], color=[kit.ORANGE, kit.ORANGE, kit.PURPLE])
        right.axhline(0, color=kit.INK, lw=0.8)
        right.set(title="slope of the loss along each")
        limit = max(0.16, *np.abs(slopes) * 1.1)
        right.set_ylim(-limit, limit)
        factors = mo.md(
            rf"""
            $$\frac{{\partial\,\text{{loss}}}}{{\partial w_1}} = \underbrace{{(\hat y - y)}}_{{{prediction - truth.value:.4f}}}\cdot
            \underbrace{{\hat y\,(1 - \hat y)}}_{{{prediction * (1 - prediction):.4f}}}\cdot\underbrace{{x_1}}_{{1}} = {slopes[0]:.5f}$$

            $$\frac{{\partial\,\text{{loss}}}}{{\partial w_2}} = {slopes[1]:.5f}$$

            $z = {z:.3f}$, prediction ${prediction:.4f}$, loss ${0.5 * (prediction - truth.value) ** 2:.5f}$.
            """
        )
        flat = prediction * (1 - prediction) < 0.02
        remark = "The sigmoid is nearly flat here: the middle factor is almost 0, and with it every slope. The neuron is *saturated*, and learns next to nothing however wrong it is."
        return mo.vstack(
            [
                kit.show_figure(figure, "the sigmoid with the neuron's place on it, and the slopes"),
                factors,
                kit.say("warn", remark) if flat else mo.md(""),
            ]
        )

    show()
    return (x,)


@app.cell
def _(mo):
    mo.md(
        """
        Since $x_2$ is twice $x_1$, the slope along $w_2$ is twice the one along $w_1$: the same turn of $w_2$ moves $z$ twice as far. What
        counts is the input that a weight is multiplied with, not how much $w_2 x_2$ adds to $z$ now: set $w_2$ to 0, and its slope is still
        twice the other. Push $w_2$ to 4 and ask for the truth 0 to see a saturated neuron.

        ## Let it learn

        From the weights above, step against the slopes.
        """
    )
    return


@app.cell
def _(mo):
    rate = mo.ui.slider(steps=[0.1, 0.3, 1, 3, 10], value=1, label="learning rate", show_value=True)
    steps = mo.ui.slider(0, 200, 5, value=40, label="steps", show_value=True)
    mo.hstack([rate, steps], justify="start", wrap=True)
    return rate, steps


@app.cell
def _(b, differentiate_neuron, kit, neuron, np, rate, relu, sigmoid, steps, truth, w1, w2, x, mo):
    def learn():
        w, bias, predictions = np.array([w1.value, w2.value], float), float(b.value), []
        for _ in range(steps.value + 1):
            predictions.append(neuron(x, w, bias))
            slopes, bias_slope = differentiate_neuron(x, w, bias, float(truth.value))
            w, bias = w - rate.value * slopes, bias - rate.value * bias_slope
        figure, axes = kit.make_axes(9, 2.6)
        axes.plot(predictions, color=kit.ORANGE)
        axes.axhline(truth.value, color=kit.GREEN, ls="--", lw=1, label="truth")
        axes.legend(loc="center right")
        axes.set(xlabel="step", ylabel="prediction", ylim=(-0.05, 1.05))
        return kit.show_figure(figure, f"the prediction goes from {predictions[0]:.3f} to {predictions[-1]:.3f}")

    mo.vstack([learn(), kit.show_source(neuron, differentiate_neuron, sigmoid, relu)])
    return


@app.cell
def _(kit):
    kit.show_task("activations")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("activations")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("activations", answer.value)
    return


if __name__ == "__main__":
    app.run()
