# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Walking downhill")


@app.cell
def _():
    import marimo as mo

    from groundup.base.errors import UserError
    from groundup.formulas.expression import parse_expression
    from groundup.lessons import kit
    from groundup.steps.c1_descent.descent import adam_step, largest_stable_rate, minimize, momentum_step, plain_step
    from groundup.tasks.descent_picture import make_figure

    return (
        UserError,
        adam_step,
        kit,
        largest_stable_rate,
        make_figure,
        minimize,
        mo,
        momentum_step,
        parse_expression,
        plain_step,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # Walking downhill

        A network learns by making one number small: its error. Nobody can see the whole landscape of that error, but the
        slope underfoot can always be felt. So stand somewhere, feel the slope, take a step against it, and repeat:

        $$x \leftarrow x - \alpha\, f'(x)$$

        $f'(x)$ is the slope; $\alpha$ is the **learning rate**, how far to step for a slope of one. This is *gradient
        descent* (Cauchy, 1847). Everything in this course, up to the GPT, is trained by it or by
        a refinement of it.

        ## Down a curve

        Three things to find: a rate that crawls, one that arrives, and the limit above which every step overshoots
        further than the one before.
        """
    )
    return


@app.cell
def _(mo):
    curve = mo.ui.text(value="x**2", label="f(x) =")
    start = mo.ui.slider(-6, 6, 0.1, value=5, label="start", show_value=True)
    rates = [0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.8, 0.9, 0.97, 1.0, 1.02, 1.1, 1.5]
    rate = mo.ui.slider(steps=rates, value=0.1, label="learning rate α", show_value=True)
    steps = mo.ui.slider(0, 100, 1, value=12, label="steps", show_value=True)
    rule = mo.ui.dropdown(["plain", "momentum", "adam"], value="plain", label="rule")
    mo.vstack([curve, mo.hstack([start, rate, steps, rule], justify="start", wrap=True)])
    return curve, rate, rates, rule, start, steps


@app.cell
def _(UserError, kit, make_figure, minimize, mo, parse_expression):
    def walk(text, start, rate, steps, rule):
        """Return the picture of a walk and what became of it; a remark where the text is no formula to walk on."""
        try:
            function = parse_expression(text)
            if len(function.variables) != len(start):
                count = "one variable" if len(start) == 1 else "two variables"
                return kit.say(
                    "warn",
                    f"This is a function of {', '.join(function.variables)}. Write one of {count} here, such as "
                    f"`{'x**2' if len(start) == 1 else 'x**2 + y**2'}`.",
                )
            path = minimize(function, start, rate, steps, rule)
            figure = make_figure(function, function.variables, text, path, height=4)
        except UserError as error:
            return kit.refuse(error)
        sign = "f′({})" if len(start) == 1 else "∂f/∂{}"
        slopes = ", ".join(f"`{sign.format(name)} = {slope}`" for name, slope in function.derivatives().items())
        end = ", ".join(f"{name} = {float(x):.5g}" for name, x in zip(function.variables, path.end, strict=True))
        kind = "danger" if path.diverged else "success" if path.outcome == "arrived" else "info"
        return mo.vstack(
            [
                kit.show_figure(figure, f"the way down {text}, and the value at every step: {path.message}"),
                kit.say(kind, f"{path.message[0].upper()}{path.message[1:]} Now at {end}. {slopes}"),
            ]
        )

    return (walk,)


@app.cell
def _(curve, rate, rule, start, steps, walk):
    walk(curve.value, [start.value], rate.value, steps.value, rule.value)
    return


@app.cell
def _(largest_stable_rate, mo):
    mo.md(
        rf"""
        Near its minimum a smooth curve is nearly always close to a parabola of some curvature $\lambda$. There a step multiplies
        the distance by $1 - \alpha\lambda$. For x² the curvature is 2: α = 0.5 arrives in one step, and above
        α = 2/λ = {largest_stable_rate(2.0, "plain", 0.0):g} each step ends further away. *Try α = 1 exactly, then 1.02.*

        Some curves to type: `sin(3*x) + x**2/4` has several valleys, and the start decides which one you end in;
        `abs(x)` is equally steep everywhere, however near the lowest point, so plain steps dance around it for ever (try a rate of
        0.3 and 30 steps);
        `-x` falls without end. Nothing is rounded on the way: rounding inside
        the loop would make small steps vanish, and the walk would stop short.

        ## Down a surface

        With several variables there is a slope along each. All coordinates step **from the same old point**: whoever
        updates x first and uses the new x in the slope of y walks another way.
        """
    )
    return


@app.cell
def _(mo, rates):
    surface = mo.ui.text(value="x**2 + 8*y**2", label="f(x, y) =")
    start_x = mo.ui.slider(-5, 5, 0.1, value=4, label="x", show_value=True)
    start_y = mo.ui.slider(-5, 5, 0.1, value=2, label="y", show_value=True)
    surface_rate = mo.ui.slider(steps=rates, value=0.1, label="learning rate α", show_value=True)
    surface_steps = mo.ui.slider(0, 200, 1, value=30, label="steps", show_value=True)
    surface_rule = mo.ui.dropdown(["plain", "momentum", "adam"], value="plain", label="rule")
    mo.vstack(
        [surface, mo.hstack([start_x, start_y, surface_rate, surface_steps, surface_rule], justify="start", wrap=True)]
    )
    return start_x, start_y, surface, surface_rate, surface_rule, surface_steps


@app.cell
def _(start_x, start_y, surface, surface_rate, surface_rule, surface_steps, walk):
    walk(surface.value, [start_x.value, start_y.value], surface_rate.value, surface_steps.value, surface_rule.value)
    return


@app.cell
def _(adam_step, kit, minimize, mo, momentum_step, plain_step):
    mo.vstack(
        [
            mo.md(
                """
                A narrow valley is the hard case: the steep direction allows only a small rate, with which the shallow one
                crawls. *Momentum* keeps some of the last step's velocity; *Adam* gives every coordinate a rate of its own.
                Switch between the three rules on `x**2 + 8*y**2`, then on `(1-x)**2 + 10*(y-x**2)**2`.
                """
            ),
            kit.show_source(minimize, plain_step, momentum_step, adam_step),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("gradient-descent")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("gradient-descent")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("gradient-descent", answer.value)
    return


if __name__ == "__main__":
    app.run()
