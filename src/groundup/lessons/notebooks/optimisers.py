# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="How to step")


@app.cell
def _():
    import marimo as mo
    import torch

    from groundup.data.images.images import load_builtin
    from groundup.lessons import kit
    from groundup.steps.c3_networks.loss import cross_entropy
    from groundup.steps.c4_training.network import Network
    from groundup.steps.c4_training.optimisers import SGD, Adam, adam_step, sgd_step
    from groundup.steps.c4_training.training_loop import accuracy, train

    return Adam, Network, SGD, accuracy, adam_step, cross_entropy, kit, load_builtin, mo, sgd_step, torch, train


@app.cell
def _(mo):
    mo.md(
        r"""
        # How to step

        The slope says where down is. How far to go is the optimiser's business.

        - **Plain descent**: $w \leftarrow w - \alpha g$.
        - **Momentum**: keep rolling. $u \leftarrow \mu u + g$, then $w \leftarrow w - \alpha u$ (Polyak, 1964).
        - **Adam**: every weight gets a rate of its own. $m$ is a running mean of its slopes, $v$ of their squares; the hats
          make up for both beginning at 0, and $w \leftarrow w - \alpha\,\hat m / (\sqrt{\hat v} + \epsilon)$ (Kingma and Ba, 2015).

        **Stochastic** means that each step sees a batch of examples *drawn at random*, not all of them. The slope is then a good
        guess for a fraction of the work, and ten rough steps usually get further than one exact one.

        ## A race

        The same small network from the same first weights, on 1,400 handwritten digits, three times.
        """
    )
    return


@app.cell
def _(mo):
    rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
    plain_rate = mo.ui.slider(steps=rates, value=0.1, label="rate of plain descent", show_value=True)
    momentum_rate = mo.ui.slider(steps=rates, value=0.03, label="rate with momentum", show_value=True)
    adam_rate = mo.ui.slider(steps=rates, value=0.003, label="rate of Adam", show_value=True)
    batch = mo.ui.slider(steps=[1, 8, 32, 128, 512, 1400], value=32, label="examples a step", show_value=True)
    steps = mo.ui.slider(steps=[50, 100, 200, 400], value=100, label="steps", show_value=True)
    mo.vstack(
        [
            mo.hstack([plain_rate, momentum_rate, adam_rate], justify="start", wrap=True),
            mo.hstack([batch, steps], justify="start", wrap=True),
        ]
    )
    return adam_rate, batch, momentum_rate, plain_rate, steps


@app.cell
def _(load_builtin, torch):
    _images = load_builtin()
    _x = torch.from_numpy(_images.pixels.copy()).float().flatten(1) / 255
    _order = torch.randperm(len(_x), generator=torch.Generator().manual_seed(0))
    _y = torch.from_numpy(_images.labels)
    inputs, test_inputs = _x[_order].split([1400, len(_x) - 1400])
    targets, test_targets = _y[_order].split([1400, len(_x) - 1400])
    return inputs, targets, test_inputs, test_targets


@app.cell
def _(
    Adam,
    Network,
    SGD,
    accuracy,
    adam_rate,
    batch,
    cross_entropy,
    inputs,
    kit,
    mo,
    momentum_rate,
    plain_rate,
    steps,
    targets,
    test_inputs,
    test_targets,
    torch,
    train,
):
    def race():
        makers = {
            "plain descent": (kit.BLUE, plain_rate.value, lambda p: SGD(p, plain_rate.value)),
            "momentum": (kit.GREEN, momentum_rate.value, lambda p: SGD(p, momentum_rate.value, momentum=0.9)),
            "Adam": (kit.ORANGE, adam_rate.value, lambda p: Adam(p, adam_rate.value)),
        }
        figure, axes = kit.make_axes(9, 3.8)
        rows = []
        for name, (color, rate, make) in makers.items():
            torch.manual_seed(0)
            model = Network([784, 32, 10])
            optimizer, losses, epoch = make(list(model.parameters())), [], 0
            while len(losses) < steps.value:
                # Of a pass over the examples, no more than the steps that are left.
                left = (steps.value - len(losses)) * batch.value
                chosen = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(epoch))[:left]
                losses += train(
                    model, cross_entropy, optimizer, inputs[chosen], targets[chosen], 1, batch.value, seed=epoch
                )
                epoch += 1
            ends, means = kit.smooth([min(loss, 20.0) for loss in losses], 9)
            axes.plot(ends, means, color=color, label=f"{name}, rate {rate:g}")
            right = accuracy(model, test_inputs, test_targets)
            rows.append(f"| {name} | {means[-1]:.3f} | {right:.1%} |")
        axes.axhline(torch.tensor(10.0).log(), color=kit.INK, ls=":", lw=1, label="a blind guess")
        axes.set(xlabel="step", ylabel="loss (mean of the last 9 steps)", ylim=(0, 3.2))
        axes.legend()
        return mo.vstack(
            [
                kit.show_figure(figure, "the loss of the three rules by step"),
                mo.md("\n".join(["| rule | last losses | right on new digits |", "|:---|---:|---:|", *rows])),
            ]
        )

    race()
    return


@app.cell
def _(Adam, SGD, adam_step, kit, mo, sgd_step):
    mo.vstack(
        [
            mo.md(
                """
                Things to find out. Which rate is the best for each rule, and how far above it breaks? Adam's steps are about as long as its
                rate whatever the slope's size, so one between 0.0003 and 0.003 suits most networks; plain descent's has to be found anew for each.
                One example a step: the curve trembles. All 1,400: smooth, each step 44 times the work of 32, and hardly better.
                """
            ),
            kit.show_source(sgd_step, adam_step, SGD, Adam),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("optimiser")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("optimiser")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("optimiser", answer.value)
    return


if __name__ == "__main__":
    app.run()
