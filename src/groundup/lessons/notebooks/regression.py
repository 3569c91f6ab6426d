# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="A line through heights")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from groundup.data.tables.cohort import simulate_cohort
    from groundup.data.tables.galton import load_families
    from groundup.lessons import kit
    from groundup.steps.c2_regression.regression import (
        differentiate,
        differentiate_bias,
        measure_error,
        predict,
        train_with_bias,
    )

    return (
        differentiate,
        differentiate_bias,
        kit,
        load_families,
        measure_error,
        mo,
        np,
        predict,
        simulate_cohort,
        train_with_bias,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # A line through heights

        How tall will a child be as an adult? Draw the line that guesses best:

        $$\hat y = w\,x + b$$

        $$\text{error} = \frac1N\sum_i (y_i - \hat y_i)^2$$

        $w$ is the **weight**, $b$ the **bias**. The *mean squared error* is a bowl over the plane of $w$ and $b$, and training
        is walking down it, along both from the same old point:

        $$\frac{\partial\,\text{error}}{\partial w} = -\frac2N\sum_i (y_i-\hat y_i)\,x_i$$

        $$\frac{\partial\,\text{error}}{\partial b} = -\frac2N\sum_i (y_i-\hat y_i)$$

        The points are real: 928 adult children against the mean height of their parents, as Francis Galton counted them in 1886, in the
        paper that gave *regression* its name. Women's heights are multiplied by 1.08, as in his table, which goes in steps of an inch; the
        points are spread a little, so that all can be seen. The other choice is simulated from published growth statistics.
        `groundup train heights --data TABLE` takes a table of yours.
        """
    )
    return


@app.cell
def _(mo):
    people = mo.ui.dropdown(
        ["Galton's families, 1886", "children of ten, simulated"], value="Galton's families, 1886", label="heights"
    )
    steps = mo.ui.slider(0, 60, 1, value=3, label="steps", show_value=True)
    rate = mo.ui.slider(
        steps=[0.01, 0.03, 0.1, 0.2, 0.4, 0.5, 0.8, 0.95, 1.0, 1.02], value=0.1, label="learning rate", show_value=True
    )
    start_w = mo.ui.slider(-6, 12, 0.5, value=-4, label="first weight", show_value=True)
    standardise = mo.ui.switch(value=True, label="standardise the feature")
    mo.vstack(
        [
            mo.hstack([people, steps, rate], justify="start", wrap=True),
            mo.hstack([start_w, standardise], justify="start", wrap=True),
        ]
    )
    return people, rate, standardise, start_w, steps


@app.cell
def _(load_families, np, people, simulate_cohort, standardise):
    if people.value.startswith("Galton"):
        known, adult = load_families()
        what = "mean height of the parents"
    else:
        _piece = next(simulate_cohort(250, seed=1).read(["height_10", "adult_height"], False))
        known, adult = (np.asarray(_piece.columns[_name], float) for _name in ("height_10", "adult_height"))
        what = "height at ten"
    middle, spread = (known.mean(), known.std()) if standardise.value else (0.0, 1.0)
    X = ((known - middle) / spread)[:, None]
    return X, adult, known, middle, spread, what


@app.cell
def _(X, adult, differentiate, differentiate_bias, np, predict, rate, start_w, steps):
    def walk():
        """Return every weight and bias on the way, the start first; the formulas are the step's own."""
        weights, bias = np.array([float(start_w.value)]), 150.0
        path = [(weights[0], bias)]
        for _ in range(steps.value):
            prediction = predict(X, weights, bias)
            weights, bias = (
                weights - rate.value * differentiate(prediction, adult, X),
                bias - rate.value * differentiate_bias(prediction, adult),
            )
            if not np.isfinite([weights[0], bias]).all() or abs(weights[0]) > 1e9:
                break
            path.append((weights[0], bias))
        return np.array(path)

    path = walk()
    return (path,)


@app.cell
def _(X, adult, kit, known, measure_error, middle, mo, np, path, predict, spread, what):
    def draw():
        figure, (left, right) = kit.make_axes(9.5, 4, 2)
        # Measured in whole inches, many points would hide behind one.
        shaken = np.random.default_rng(0).uniform(-1, 1, (2, len(adult))) * (len(adult) > 500)
        left.plot(known + shaken[0], adult + shaken[1], ".", color=kit.BLUE, alpha=0.5, ms=4)
        ends = np.array([known.min(), known.max()])
        for place, (w, b) in enumerate(path):
            last = place == len(path) - 1
            left.plot(
                ends,
                w * (ends - middle) / spread + b,
                color=kit.ORANGE,
                lw=2.5 if last else 0.8,
                alpha=1 if last else 0.35,
            )
        left.set(
            title="the line, step by step",
            xlabel=f"{what}, cm",
            ylabel="adult height, cm",
            ylim=(adult.min() - 15, adult.max() + 15),
        )
        best = np.linalg.lstsq(np.c_[X, np.ones(len(X))], adult, rcond=None)[0]
        away = np.abs(path - best).max(1)
        # The start is to be seen, and all that is not far beyond it.
        reach = 1.1 * max(8.0, away[0], away[away < 60].max(initial=0))
        ws, bs = best[0] + np.linspace(-reach, reach, 60), best[1] + np.linspace(-reach, reach, 60)
        bowl = [[measure_error(predict(X, np.array([w]), b), adult) for w in ws] for b in bs]
        right.contourf(ws, bs, np.log(bowl), levels=20, cmap="Blues_r")
        right.plot(*path.T, "o-", color=kit.ORANGE, ms=4, lw=1, label="the way")
        right.plot(*best, "*", color=kit.GREEN, ms=14, ls="none", label="the best")
        right.legend(loc="upper right")
        right.set(
            aspect="equal",
            title="the error bowl, from above",
            xlabel="weight w",
            ylabel="bias b",
            xlim=(ws[0], ws[-1]),
            ylim=(bs[0], bs[-1]),
        )
        return figure

    _error = measure_error(predict(X, path[-1][:1], float(path[-1][1])), adult)
    _x = f"({what} − {middle:.1f}) / {spread:.2f}" if spread != 1 else what
    _runs_away = np.abs(path[-1]).max() > 1e3
    mo.vstack(
        [
            kit.show_figure(draw(), "the points with the line of every step, and the path down the error bowl"),
            kit.say(
                "danger" if _runs_away else "info",
                f"After {len(path) - 1} steps: adult height ≈ {path[-1][0]:.4g} · {_x} + {path[-1][1]:.5g}; error {_error:.5g} cm², "
                f"which is {np.sqrt(_error):.4g} cm (root mean square)."
                + (" It runs away: every step overshoots further than the last." if _runs_away else ""),
            ),
        ]
    )
    return


@app.cell
def _(differentiate, differentiate_bias, kit, known, measure_error, mo, predict, train_with_bias):
    mo.vstack(
        [
            mo.md(
                f"""
                Now switch the standardising off. The feature is then near {known.mean():.0f} instead of near 0: a change of the weight moves every
                prediction {known.mean():.0f} times as much as the same change of the bias, the bowl becomes a ravine, and every rate you can
                choose here is far too large. Centring and scaling the feature makes the bowl round.
                """
            ),
            kit.show_source(predict, measure_error, differentiate, differentiate_bias, train_with_bias),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("regression-forward")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("regression-forward")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("regression-forward", answer.value)
    return


if __name__ == "__main__":
    app.run()
