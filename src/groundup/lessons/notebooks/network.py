# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="A network that draws borders")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import make_circles, make_moons
    from torch import nn

    from groundup.lessons import kit
    from groundup.steps.c3_networks.loss import cross_entropy
    from groundup.steps.c4_training.dropout import Dropout, overfitting_gap
    from groundup.steps.c4_training.linear import Linear
    from groundup.steps.c4_training.network import Network, collapse
    from groundup.steps.c4_training.optimisers import Adam
    from groundup.steps.c4_training.training_loop import accuracy, train

    return (
        Adam,
        Dropout,
        Linear,
        Network,
        accuracy,
        collapse,
        cross_entropy,
        kit,
        make_circles,
        make_moons,
        mo,
        nn,
        np,
        overfitting_gap,
        torch,
        train,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # A network that draws borders

        One neuron can only draw a straight border. Put several side by side, a bend (ReLU) behind each, and a layer of neurons
        over them, and the border may turn wherever the data ask for it:

        $$h = \max(0,\, W_1 x + b_1), \qquad \text{scores} = W_2 h + b_2$$

        Without the bends, two layers are one: $W_2(W_1 x + b_1) + b_2$ is linear again.

        ## Train it

        Press **Train**, and watch the border move. Dots were trained on, crosses are held back for testing.
        """
    )
    return


@app.cell
def _(mo):
    data = mo.ui.dropdown(["moons", "circles", "spirals"], value="moons", label="points")
    count = mo.ui.slider(steps=[20, 40, 100, 300], value=100, label="to train on", show_value=True)
    noise = mo.ui.slider(0, 0.5, 0.05, value=0.2, label="noise", show_value=True)
    width = mo.ui.slider(steps=[1, 2, 4, 8, 32, 128], value=8, label="nodes a layer", show_value=True)
    depth = mo.ui.slider(1, 4, 1, value=2, label="hidden layers", show_value=True)
    drop = mo.ui.slider(0, 0.7, 0.1, value=0, label="dropout", show_value=True)
    rate = mo.ui.slider(steps=[0.001, 0.003, 0.01, 0.03, 0.1, 0.3], value=0.01, label="learning rate", show_value=True)
    go = mo.ui.run_button(label="Train", kind="success")
    mo.vstack(
        [
            mo.hstack([data, count, noise], justify="start", wrap=True),
            mo.hstack([width, depth, drop, rate], justify="start", wrap=True),
            go,
        ]
    )
    return count, data, depth, drop, go, noise, rate, width


@app.cell
def _(count, data, make_circles, make_moons, noise, np, torch):
    def draw_points(number, seed):
        if data.value == "moons":
            x, y = make_moons(number, noise=noise.value, random_state=seed)
            x = (x - [0.5, 0.25]) * 1.5
        elif data.value == "circles":
            x, y = make_circles(number, noise=noise.value / 2, factor=0.45, random_state=seed)
            x = x * 1.8
        else:
            random = np.random.default_rng(seed)
            y = np.arange(number) % 2
            turn = random.uniform(0.3, 2.6, number)
            angle = turn * np.pi * 0.9 + np.pi * y
            x = (turn * 0.85 * np.array([np.cos(angle), np.sin(angle)])).T + noise.value / 2.5 * random.standard_normal(
                (number, 2)
            )
        return torch.tensor(x, dtype=torch.float32), torch.tensor(y)

    inputs, targets = draw_points(count.value, 0)
    test_inputs, test_targets = draw_points(400, 1)
    return inputs, targets, test_inputs, test_targets


@app.cell
def _(Dropout, Linear, Network, depth, drop, nn, torch, width):
    def build():
        """Return the step's network, or the same with dropout behind each bend."""
        torch.manual_seed(0)
        if not drop.value:
            return Network([2, *[width.value] * depth.value, 2])
        layers, features = [], 2
        for _ in range(depth.value):
            layers += [Linear(features, width.value), nn.ReLU(), Dropout(drop.value)]
            features = width.value
        return nn.Sequential(*layers, Linear(features, 2))

    return (build,)


@app.cell
def _(accuracy, inputs, kit, np, targets, test_inputs, test_targets, torch):
    grid = torch.cartesian_prod(torch.linspace(-3, 3, 70), torch.linspace(-3, 3, 70))

    def draw(model, history):
        model.eval()
        with torch.inference_mode():
            surface = model(grid).softmax(1)[:, 1].reshape(70, 70).T
        figure, (left, right) = kit.make_axes(9.5, 4.2, 2)
        left.imshow(
            # Pale, and the same on a light and a dark page.
            surface,
            origin="lower",
            extent=(-3, 3, -3, 3),
            cmap="PuOr",
            vmin=-2,
            vmax=3,
            aspect="equal",
        )
        left.contour(surface, levels=[0.5], extent=(-3, 3, -3, 3), colors=kit.INK, linewidths=1.5)
        for label, color in ((0, kit.ORANGE), (1, kit.PURPLE)):
            left.plot(*inputs[targets == label].T, "o", color=color, ms=6, mec="white", mew=0.7)
            left.plot(*test_inputs[test_targets == label][:80].T, "+", color=color, ms=5, mew=1.2, alpha=0.8)
        left.set(xlim=(-3, 3), ylim=(-3, 3), title="probability of purple")
        steps, training, test = np.array(history).T
        right.plot(steps, 100 * training, color=kit.BLUE, label="trained on")
        right.plot(steps, 100 * test, color=kit.RED, label="never seen")
        right.set(xlabel="epochs", ylabel="right, %", xlim=(0, 240), ylim=(20, 102), title="accuracy")
        right.legend(loc="lower right")
        return kit.show_figure(
            figure, f"the border, and accuracy: {training[-1]:.0%} of the points trained on, {test[-1]:.0%} of new ones"
        )

    def measure(model):
        return accuracy(model, inputs, targets), accuracy(model, test_inputs, test_targets)

    return draw, measure


@app.cell
def _(Adam, build, cross_entropy, draw, go, inputs, kit, measure, mo, overfitting_gap, rate, targets, train):
    model = build()
    history = [(0, *measure(model))]
    if go.value:
        optimizer = Adam(model.parameters(), learning_rate=rate.value)
        for pass_ in kit.while_watched(range(24)):
            train(model, cross_entropy, optimizer, inputs, targets, epochs=10, batch_size=32, seed=pass_)
            history.append((10 * (pass_ + 1), *measure(model)))
            mo.output.replace(draw(model, history))
    _gap = overfitting_gap(*history[-1][1:])
    _told = f"{history[-1][1]:.0%} of the points it was trained on, {history[-1][2]:.0%} of new ones: {f'a gap of {100 * _gap:.0f} points' if _gap > 0.005 else 'no gap'}."
    mo.vstack(
        [
            draw(model, history),
            kit.say(
                "warn" if _gap > 0.08 else "info",
                _told
                if go.value
                else "An untrained network: its border is an accident of the first weights. Press Train.",
            ),
        ]
    )
    return


@app.cell
def _(Dropout, Network, kit, mo, train):
    mo.vstack(
        [
            mo.md(
                """
                Things to find out. One node a layer: what can it draw? Circles with two nodes, then with four. Twenty points, noise
                0.4, 128 nodes, three layers: it learns the noise by heart (**over-fitting**; the red curve stays below the blue one).
                Then dropout 0.5: in every training step each node is off with that probability, drawn anew, and the others count
                1/(1 − 0.5) times, so that none can rely on any other; `model.eval()` switches it off for testing. It narrows the gap here. More
                points are the best cure of all. Learning rate 0.3: it jumps about.
                """
            ),
            kit.show_source(Network, Dropout, train),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("two-layer-backward")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("two-layer-backward")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("two-layer-backward", answer.value)
    return


if __name__ == "__main__":
    app.run()
