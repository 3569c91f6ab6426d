# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Keeping the signal alive")


@app.cell
def _():
    import math

    import marimo as mo
    import torch
    from torch import nn

    from groundup.lessons import kit
    from groundup.steps.c4_training.diagnostics import compute_activation_stats, compute_gradient_stats, diagnose
    from groundup.steps.c4_training.initialisation import kaiming_deviation, kaiming_init, xavier_deviation, xavier_init
    from groundup.steps.c6_gpt.normalisation import layer_norm, rms_norm

    return (
        compute_activation_stats,
        compute_gradient_stats,
        diagnose,
        kaiming_deviation,
        kaiming_init,
        kit,
        layer_norm,
        math,
        mo,
        nn,
        rms_norm,
        torch,
        xavier_deviation,
        xavier_init,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # Keeping the signal alive

        Each layer multiplies the size of its input (the root of the mean square) by about $\sigma_w\sqrt{n_{\text{in}}}$, where $\sigma_w$ is the
        spread of the weights and $n_{\text{in}}$ how many inputs a node adds up. Through twenty layers that is a number to the power of twenty: a
        little below 1, and nothing arrives; a little above, and it explodes. The slopes on the way back are multiplied by a number of their own,
        about $\sigma_w\sqrt{n_{\text{out}}}$, where $n_{\text{out}}$ is how many nodes an input goes to. So begin with

        $$\sigma_w = \sqrt{\tfrac{2}{n_{\text{in}} + n_{\text{out}}}}\;\text{(Xavier), or}$$

        $$\sigma_w = \sqrt{\tfrac{2}{n_{\text{in}}}}\;\text{(Kaiming)}$$

        The second is for a ReLU, which passes half of the mean square.

        ## Send a signal through
        """
    )
    return


@app.cell
def _(mo):
    start = mo.ui.dropdown(
        ["Kaiming", "Xavier", "all zero", "0.01 · normal", "1 · normal"],
        value="0.01 · normal",
        label="weights begin as",
    )
    bend = mo.ui.dropdown(["relu", "tanh", "none"], value="relu", label="bend")
    norm = mo.ui.dropdown(["none", "layer norm", "RMS norm"], value="none", label="normalise each layer")
    depth = mo.ui.slider(2, 40, 1, value=15, label="layers", show_value=True)
    width = mo.ui.slider(steps=[8, 32, 128, 256], value=128, label="nodes", show_value=True)
    mo.vstack(
        [
            mo.hstack([start, bend, norm], justify="start", wrap=True),
            mo.hstack([depth, width], justify="start", wrap=True),
        ]
    )
    return bend, depth, norm, start, width


@app.cell
def _(bend, depth, kaiming_init, layer_norm, nn, norm, rms_norm, start, torch, width, xavier_init):
    class Normalise(nn.Module):
        """The step's normalisation as a layer, scale 1 and shift 0."""

        def forward(self, x):
            ones = torch.ones(x.shape[-1])
            return layer_norm(x, ones, 0 * ones) if norm.value == "layer norm" else rms_norm(x, ones)

    def build():
        torch.manual_seed(0)
        layers = []
        for _ in range(depth.value):
            linear = nn.Linear(width.value, width.value, bias=False)
            first = {
                "Kaiming": kaiming_init,
                "Xavier": xavier_init,
                "all zero": lambda i, o: torch.zeros(o, i),
                "0.01 · normal": lambda i, o: 0.01 * torch.randn(o, i),
                "1 · normal": lambda i, o: torch.randn(o, i),
            }[start.value]
            linear.weight.data = first(width.value, width.value)
            layers.append(linear)
            if norm.value != "none":
                layers.append(Normalise())
            if bend.value != "none":
                layers.append({"relu": nn.ReLU, "tanh": nn.Tanh}[bend.value]())
        return nn.Sequential(*layers)

    return (build,)


@app.cell
def _(
    bend, build, compute_activation_stats, compute_gradient_stats, diagnose, kit, math, mo, norm, start, torch, width
):
    def bound(size):
        # A logarithmic axis has no zero: what is nothing stands at its foot, and what is without bounds at its top.
        return min(1e18, max(1e-18, size))

    def send():
        model = build()
        x = torch.randn(256, width.value, generator=torch.Generator().manual_seed(1))
        y = torch.randn(256, width.value, generator=torch.Generator().manual_seed(2))
        activations, slopes = compute_activation_stats(model, x), compute_gradient_stats(model, x, y)
        figure, (left, right) = kit.make_axes(9.5, 3.3, 2)
        places = range(1, len(activations) + 1)
        left.semilogy(places, [bound(one["std"]) for one in activations], "o-", color=kit.BLUE, ms=4)
        right.semilogy(places, [bound(one["norm"]) for one in slopes], "o-", color=kit.ORANGE, ms=4)
        left.set(title="spread right behind each linear layer", xlabel="layer", ylim=(1e-18, 1e18))
        right.set(title="length of its weights’ slope", xlabel="layer", ylim=(1e-18, 1e18))
        for axes in (left, right):
            axes.axhline(1, color=kit.INK, lw=0.8, ls=":")
            axes.xaxis.get_major_locator().set_params(integer=True)
        last = activations[-1]["std"]
        told = f"The last linear layer's spread is {last:.2g}." if math.isfinite(last) else "The spread has overflowed."
        if norm.value != "none" and start.value in ("0.01 · normal", "1 · normal"):
            told += " Behind each the norm brings that back to 1, so nothing can grow or fade from layer to layer."
        elif bend.value == "relu":
            told += f" The diagnosis of the course's exercise: **{diagnose(activations, slopes).replace('_', ' ')}**."
        if start.value == "all zero":
            told += (
                " With all weights 0 every activation and every slope is exactly 0: nothing ever moves. Weights that are equal but not 0 "
                "do learn, but the nodes of a hidden layer stay copies of one another."
            )
        return mo.vstack([kit.show_figure(figure, "spread of activations and slopes by layer"), mo.md(told)])

    send()
    return


@app.cell
def _(kaiming_deviation, kaiming_init, kit, layer_norm, mo, rms_norm, width, xavier_deviation):
    mo.vstack(
        [
            mo.md(
                f"""
                For {width.value} nodes Xavier's spread is {xavier_deviation(width.value, width.value):.4f}, Kaiming's {kaiming_deviation(width.value):.4f}.
                Try: Xavier with ReLU and 40 layers (half of the mean square is lost at each), then Kaiming. `1 · normal` with tanh: the spread
                looks steady, since tanh hands on at most ±1, but most nodes are saturated, and through the few that are not, large weights make
                the slopes explode on their way back. `0.01 · normal`: a weight's slope is what came in times what comes back; one fades
                forwards, the other backwards, so the product is equally tiny in every layer. Then any of them, but all zero, with a norm in each layer.
                """
            ),
            kit.show_source(kaiming_init, layer_norm, rms_norm),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("initialisation")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("initialisation")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("initialisation", answer.value)
    return


if __name__ == "__main__":
    app.run()
