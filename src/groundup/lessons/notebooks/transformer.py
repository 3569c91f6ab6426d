# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="The block")


@app.cell
def _():
    import marimo as mo
    import torch
    from torch import nn

    from groundup.data.corpus.texts import read_text
    from groundup.lessons import kit
    from groundup.steps.c5_words.batches import create_batches
    from groundup.steps.c5_words.vocabulary import CharacterVocabulary
    from groundup.steps.c6_gpt.attention import MultiHeadAttention
    from groundup.steps.c6_gpt.gpt_training import next_token_loss
    from groundup.steps.c6_gpt.plain_gpt import FeedForward, PlainBlock, PlainGPT
    from groundup.steps.c6_gpt.positions import sinusoidal_positions

    return (
        CharacterVocabulary,
        FeedForward,
        MultiHeadAttention,
        PlainBlock,
        PlainGPT,
        create_batches,
        kit,
        mo,
        next_token_loss,
        nn,
        read_text,
        sinusoidal_positions,
        torch,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # The block

        A GPT is one block, many times. A stream of vectors, one for each token, runs through; each block reads from it and *adds* to it:

        $$x \leftarrow x + \text{attention}(\text{norm}(x))$$

        $$x \leftarrow x + \text{feed-forward}(\text{norm}(x))$$

        **Attention** is where tokens meet. The **feed-forward** thinks about each by itself. The **residual** (the “$x\,+$”) lets the
        signal, and on the way back the slope, pass every block undisturbed. The **norm** keeps what a block reads at one size,
        however much the stream has grown.

        ## Where a token stands

        An average does not care for order, so the place must be told. The first transformers added waves: slow ones tell the
        region, fast ones the neighbourhood (Vaswani et al., 2017).
        """
    )
    return


@app.cell
def _(mo):
    places = mo.ui.slider(8, 128, 8, value=64, label="places", show_value=True)
    channels = mo.ui.slider(8, 128, 8, value=64, label="channels", show_value=True)
    from_place = mo.ui.slider(0, 127, 1, value=20, label="compare place", show_value=True)
    mo.hstack([places, channels, from_place], justify="start", wrap=True)
    return channels, from_place, places


@app.cell
def _(channels, from_place, kit, places, sinusoidal_positions):
    def draw_waves():
        table = sinusoidal_positions(places.value, channels.value)
        place = min(from_place.value, places.value - 1)
        figure, (left, right) = kit.make_axes(10, 3.4, 2)
        left.imshow(table, cmap="RdBu", aspect="auto", vmin=-1, vmax=1)
        left.axhline(place, color=kit.ORANGE)
        left.set(title="the waves: blue +1, red −1", xlabel="channel", ylabel="place")
        right.plot(table @ table[place] / channels.value * 2, color=kit.BLUE)
        right.axvline(place, color=kit.ORANGE, lw=1)
        right.set(title=f"how alike each place is to place {place}", xlabel="place")
        return kit.show_figure(figure, "sinusoidal positions, and the likeness of places to one of them")

    draw_waves()
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## What each part is for

        Switch parts off. The left picture needs no training: it shows the size of the stream after each block, from random first
        weights. Then press **Train** to see what each is worth, against the full block.
        """
    )
    return


@app.cell
def _(mo):
    residual = mo.ui.switch(value=True, label="residual")
    norm = mo.ui.switch(value=True, label="norm")
    positions = mo.ui.switch(value=True, label="positions")
    attend = mo.ui.switch(value=True, label="attention")
    think = mo.ui.switch(value=True, label="feed-forward")
    depth = mo.ui.slider(1, 12, 1, value=4, label="blocks", show_value=True)
    go = mo.ui.run_button(label="Train", kind="success")
    mo.vstack(
        [
            mo.hstack([residual, norm, positions, attend, think], justify="start", wrap=True),
            mo.hstack([depth, go], justify="start", wrap=True),
        ]
    )
    return attend, depth, go, norm, positions, residual, think


@app.cell
def _(CharacterVocabulary, read_text, torch):
    _content = read_text().content
    characters = CharacterVocabulary(_content)
    data = torch.tensor(characters.encode(_content))
    return characters, data


@app.cell
def _(PlainBlock, PlainGPT, attend, characters, depth, nn, norm, positions, residual, think, torch):
    class Switched(nn.Module):
        """The step's block with parts of it left out."""

        def __init__(self, block):
            super().__init__()
            self.block = block

        def forward(self, x):
            for wanted, read, part in (
                (attend.value, self.block.first_norm, self.block.attention),
                (think.value, self.block.second_norm, self.block.feed_forward),
            ):
                if wanted:
                    added = part(read(x) if norm.value else x)
                    x = x + added if residual.value else added
            return x

    def build(whole=False):
        torch.manual_seed(0)
        model = PlainGPT(len(characters), 32, 48, depth.value, 4, dropout=0.0)
        assert isinstance(model.blocks[0], PlainBlock)
        if not whole:
            model.blocks = nn.ModuleList(Switched(block) for block in model.blocks)
            if not positions.value:
                model.position_embedding.weight.data.zero_()
                model.position_embedding.weight.requires_grad_(False)
        return model

    return (build,)


@app.cell
def _(
    attend, build, create_batches, data, depth, go, kit, mo, next_token_loss, norm, positions, residual, think, torch
):
    def sizes(model):
        inputs, _ = create_batches(data, 32, 16, torch.Generator().manual_seed(0))
        seen = []
        hooks = [
            block.register_forward_hook(lambda _, __, out: seen.append(out.std().item())) for block in model.blocks
        ]
        with torch.inference_mode():
            model(inputs)
        for hook in hooks:
            hook.remove()
        return seen

    def fit(model, steps, tell):
        optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=3e-3)
        generator, losses = torch.Generator().manual_seed(1), []
        for step in kit.while_watched(range(steps)):
            inputs, targets = create_batches(data, 32, 16, generator)
            optimizer.zero_grad()
            loss = next_token_loss(model, inputs, targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if step % 25 == 24:
                tell(losses)
        return losses

    def draw(curves):
        figure, (left, right) = kit.make_axes(10, 3.4, 2)
        blocks = range(1, depth.value + 1)
        left.semilogy(blocks, sizes(build(whole=True)), "-", color=kit.INK, lw=5, alpha=0.5, label="the full block")
        left.semilogy(blocks, [max(1e-12, x) for x in sizes(build())], "o-", color=kit.BLUE, label="yours")
        # A range that shows growth by tens, not the last percent.
        low, high = left.get_ylim()
        left.set(title="size of the stream after each block", xlabel="block", ylim=(min(low, 0.1), max(high, 10)))
        left.xaxis.get_major_locator().set_params(integer=True)
        left.legend()
        for (name, losses), color in zip(curves.items(), (kit.INK, kit.ORANGE), strict=False):
            steps, means = kit.smooth(losses, 15)
            right.plot(steps, means, color=color, label=f"{name}: {means[-1]:.2f}")
        right.set(title="loss in training", xlabel="step", xlim=(0, 200), ylim=(1.8, 4.8))
        if curves:
            right.legend()
        return kit.show_figure(figure, "the stream's size by block, and losses in training")

    def compare():
        if not (attend.value or think.value):
            return kit.say(
                "warn", "A block with neither attention nor feed-forward does nothing: switch one of them on."
            )
        curves = {}
        if go.value:
            for name, model in (("the full block", build(whole=True)), ("yours", build())):
                fit(
                    model,
                    200,
                    lambda losses, name=name: (curves.__setitem__(name, list(losses)), mo.output.replace(draw(curves))),
                )
        off = [
            name
            for name, switch in (
                ("residual", residual),
                ("norm", norm),
                ("positions", positions),
                ("attention", attend),
                ("feed-forward", think),
            )
            if not switch.value
        ]
        return mo.vstack(
            [
                draw(curves),
                mo.md(f"Without {', '.join(off)}." if off else "Nothing is switched off: both are the same."),
            ]
        )

    compare()
    return


@app.cell
def _(FeedForward, MultiHeadAttention, PlainBlock, kit, mo):
    mo.vstack(
        [
            mo.md(
                """
                One block does without the residual. From about three on, hardly more is learned than how often each character occurs (a
                loss of 3.25): the slope is lost on its way. Without attention no token knows of another, and the best it can do is guess from one character. Norm and
                positions hardly show in 200 steps of so small a model, and may even cost a little: the norm pays where many blocks are trained
                for long, and of the order of the tokens the mask alone tells something, since each sees only what stands before it.
                """
            ),
            kit.show_source(PlainBlock, FeedForward, MultiHeadAttention),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("positional-encoding")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("positional-encoding")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("positional-encoding", answer.value)
    return


if __name__ == "__main__":
    app.run()
