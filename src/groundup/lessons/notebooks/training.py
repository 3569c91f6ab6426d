# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="From noise to words")


@app.cell
def _():
    import math
    import re
    import time

    import marimo as mo
    import torch

    from groundup.data.corpus.texts import read_text
    from groundup.lessons import kit
    from groundup.steps.c5_words.batches import create_batches
    from groundup.steps.c5_words.vocabulary import CharacterVocabulary
    from groundup.steps.c6_gpt.gpt_training import next_token_loss, train
    from groundup.steps.c6_gpt.plain_gpt import PlainGPT

    return (
        CharacterVocabulary,
        PlainGPT,
        create_batches,
        kit,
        math,
        mo,
        next_token_loss,
        re,
        read_text,
        time,
        torch,
        train,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # From noise to words

        Take a window of text; let the model guess, at every place, the character that comes next; make the surprise at the true one
        small. One window of, say, 32 characters is 32 exercises at once, which is why this learns so much from so little text.

        $$\text{loss} = -\frac1{BT}\sum \ln p(\text{next character})$$

        The text is the Python language reference that comes with Python. A guess that knows nothing costs $\ln V$, where $V$ is how many different characters there are; one that knows how
        often each character occurs costs less; whatever falls below that has learned something of what stands *before*.

        ## Train one, live
        """
    )
    return


@app.cell
def _(mo):
    width = mo.ui.slider(steps=[16, 32, 64, 128], value=64, label="channels", show_value=True)
    blocks = mo.ui.slider(1, 4, 1, value=2, label="blocks", show_value=True)
    context = mo.ui.slider(steps=[4, 16, 32, 64], value=32, label="context", show_value=True)
    rate = mo.ui.slider(
        steps=[0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03], value=0.003, label="learning rate", show_value=True
    )
    seconds = mo.ui.slider(steps=[5, 10, 20, 40], value=10, label="seconds", show_value=True)
    go = mo.ui.run_button(label="Train", kind="success")
    mo.vstack(
        [
            mo.hstack([width, blocks, context], justify="start", wrap=True),
            mo.hstack([rate, seconds], justify="start", wrap=True),
            go,
        ]
    )
    return blocks, context, go, rate, seconds, width


@app.cell
def _(CharacterVocabulary, read_text, torch):
    _content = read_text().content
    characters = CharacterVocabulary(_content)
    data = torch.tensor(characters.encode(_content))
    _shares = torch.bincount(data).float() / len(data)
    letters_loss = float(-(_shares * _shares.clamp(min=1e-12).log()).sum())
    return characters, data, letters_loss


@app.cell
def _(
    PlainGPT,
    blocks,
    characters,
    context,
    create_batches,
    data,
    go,
    kit,
    letters_loss,
    math,
    mo,
    next_token_loss,
    rate,
    re,
    seconds,
    time,
    torch,
    width,
):
    def write(model, letters=160):
        model.eval()
        drawn = model.generate(characters.encode("The "), letters, 0.8, generator=torch.Generator().manual_seed(1))
        text = characters.decode([*characters.encode("The "), *drawn])
        model.train()
        return text

    def show(losses, samples, model):
        figure, axes = kit.make_axes(9.5, 3.2)
        if losses:
            axes.plot(*kit.smooth(losses, 10), color=kit.ORANGE)
        axes.axhline(math.log(len(characters)), color=kit.INK, ls=":", lw=1)
        axes.axhline(letters_loss, color=kit.INK, ls="--", lw=1)
        axes.set(
            xlabel="step",
            ylabel="loss, nats",
            ylim=(1, 5),
            title="dotted: knows nothing; dashed: knows how often each character occurs",
        )
        written = [
            mo.vstack([mo.md(f"**Step {step}**, loss {loss:.2f}"), kit.show_text(re.sub(r"\n\s*\n+", "\n\n", text))])
            for step, loss, text in reversed(samples)
        ]
        return mo.vstack([kit.show_figure(figure, "the loss by step"), *written])

    def learn():
        torch.manual_seed(0)
        model = PlainGPT(len(characters), context.value, width.value, blocks.value, heads=4, dropout=0.0)
        with torch.inference_mode():
            untrained = next_token_loss(model, *create_batches(data, context.value, 32)).item()
        samples, losses = [(0, untrained, write(model))], []
        if go.value:
            optimizer = torch.optim.AdamW(model.parameters(), lr=rate.value)
            ends = time.monotonic() + seconds.value
            shown = time.monotonic()
            model.train()
            while time.monotonic() < ends and kit.is_watched():
                inputs, targets = create_batches(data, context.value, 32)
                optimizer.zero_grad()
                loss = next_token_loss(model, inputs, targets)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                if time.monotonic() - shown > seconds.value / 8:
                    samples.append((len(losses), losses[-1], write(model)))
                    mo.output.replace(show(losses, samples, model))
                    shown = time.monotonic()
            last = losses[-10:] or [untrained]
            if samples[-1][0] == len(losses):
                samples.pop()
            samples.append((len(losses), sum(last) / len(last), write(model, 400)))
        said = f"{model.count_weights():,} weights. " + (
            f"{len(losses)} steps; the last ten losses average {samples[-1][1]:.2f}."
            if losses
            else "Untrained, it writes noise. Press Train."
        )
        return mo.vstack([mo.md(said), show(losses, samples, model)])

    learn()
    return


@app.cell
def _(PlainGPT, create_batches, kit, mo, next_token_loss, train):
    mo.vstack(
        [
            mo.md(
                """
                Read the samples from below upwards: letters in the right proportions come first, then spaces where words end, then
                words. Try a context of 4: it can never learn more than four characters tell. Rate 0.03 gets stuck near 2.5; 0.0001
                crawls. For a better one, in the terminal: `groundup train gpt --minutes 5`, which has faster parts and every core.
                """
            ),
            kit.show_source(create_batches, next_token_loss, train, PlainGPT),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("gpt-training")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("gpt-training")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("gpt-training", answer.value)
    return


if __name__ == "__main__":
    app.run()
