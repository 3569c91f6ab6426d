# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Who looks at whom")


@app.cell
def _():
    import math

    import marimo as mo
    import numpy as np
    import torch

    from groundup.base.errors import UserError
    from groundup.lessons import kit
    from groundup.models.attention_maps import catch_inputs, head_queries_and_keys
    from groundup.steps.c6_gpt.attention import SingleHeadAttention, attention_weights, causal_attention, causal_mask
    from groundup.tasks.gpt.runs import encode_prompt, open_gpt

    return (
        SingleHeadAttention,
        UserError,
        attention_weights,
        catch_inputs,
        causal_attention,
        causal_mask,
        encode_prompt,
        head_queries_and_keys,
        kit,
        math,
        mo,
        np,
        open_gpt,
        torch,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # Who looks at whom

        A word means little by itself: *lead* the metal, *lead* the verb. Attention lets every token gather what it needs from the
        others and from itself. Each token asks a **query**, offers a **key**, and holds a **value**, three linear maps of its vector.
        Where a query fits a key, the value is taken:

        $$\text{softmax}\!\left(\frac{QK^\top}{\sqrt d} + M\right)V$$

        $d$ is how many numbers a query has: without the division, queries with more numbers would make larger scores, and a softmax
        that takes hardly more than one token. The mask $M$ is −∞ where the key stands *after* the query: a GPT guesses the next token,
        and must not read it first (Vaswani et al., 2017).

        ## In a trained GPT

        Your latest gpt run reads your sentence, or a small one where you have none. A row is a
        token: a character, unless your run has a tokenizer. How blue a place is says how much the row takes of that column;
        what is masked is left empty.
        """
    )
    return


@app.cell
def _(kit, open_gpt):
    _run = kit.open_trained("gpt")
    model, tokenizer, _ = open_gpt(_run)
    kit.name_run(_run)
    return model, tokenizer


@app.cell
def _(mo, model):
    sentence = mo.ui.text(value="return the value of the object", label="your sentence", full_width=True)
    layer = mo.ui.slider(1, model.settings.layers, 1, value=model.settings.layers, label="layer", show_value=True)
    head = mo.ui.slider(1, model.settings.heads, 1, value=1, label="head", show_value=True)
    place = mo.ui.slider(1, 48, 1, value=20, label="token", show_value=True)
    masked = mo.ui.switch(value=True, label="mask")
    scaled = mo.ui.switch(value=True, label="divide by √d")
    mo.vstack(
        [
            sentence,
            mo.hstack([layer, head, place], justify="start", wrap=True),
            mo.hstack([masked, scaled], justify="start", wrap=True),
        ]
    )
    return head, layer, masked, place, scaled, sentence


@app.cell
def _(attention_weights, math, torch):
    def attend(queries, keys, masked, scaled):
        """Return attention weights, by the step itself where it has its mask."""
        size = math.sqrt(queries.shape[-1])
        if masked:
            # The step divides by √d; what it is given can undo that.
            return attention_weights(queries if scaled else queries * size, keys)
        scores = queries @ keys.transpose(-2, -1)
        return torch.softmax(scores / size if scaled else scores, dim=-1)

    return (attend,)


@app.cell
def _(
    UserError,
    attend,
    catch_inputs,
    encode_prompt,
    head,
    head_queries_and_keys,
    kit,
    layer,
    masked,
    mo,
    model,
    np,
    place,
    scaled,
    sentence,
    tokenizer,
    torch,
):
    def show():
        try:
            tokens = encode_prompt(sentence.value, tokenizer)
            if not sentence.value.strip():
                return kit.say("warn", "Type a sentence.")
            count = len(tokens)
            tokens = tokens[: min(48, model.settings.context)]
            with torch.inference_mode():
                pairs = [head_queries_and_keys(*caught) for caught in catch_inputs(model, tokens)]
                weights = [attend(*pair, masked.value, scaled.value)[0].float().numpy() for pair in pairs]
        except UserError as error:
            return kit.refuse(error)
        names = [kit.name_token(tokenizer.decode([token])) for token in tokens]
        turned = 90 if max(map(len, names)) > 1 else 0
        chosen = weights[layer.value - 1][head.value - 1]
        row = min(place.value, len(tokens)) - 1
        reach = row + 1 if masked.value else len(tokens)
        seen = np.tri(len(tokens), dtype=bool) | (not masked.value)
        figure, left = kit.make_axes(9.5, 8)
        left.imshow(np.where(seen, chosen, np.nan), cmap=kit.BLUES, vmin=0, vmax=1)
        left.axhline(row, color=kit.ORANGE, lw=1, alpha=0.8)
        left.set_xticks(range(len(names)), names, rotation=turned)
        left.set_yticks(range(len(names)), names)
        left.set(title=f"layer {layer.value}, head {head.value}", xlabel="takes from", ylabel="who")
        bars, right = kit.make_axes(9.5, 3)
        right.bar(range(reach), 100 * chosen[row, :reach], color=kit.ORANGE)
        right.set_xticks(range(reach), names[:reach], rotation=turned)
        right.set(title=f"token {row + 1}, {names[row]!r}: what it takes, %", ylim=(0, 100))
        grid, axes = kit.make_axes(10, 2.1 * len(weights), 1)
        axes.remove()
        small = grid.subplots(len(weights), len(weights[0]), squeeze=False)
        for i, heads in enumerate(weights):
            for j, one in enumerate(heads):
                small[i, j].imshow(np.where(seen, one, np.nan), cmap=kit.BLUES, vmin=0, vmax=1)
                small[i, j].set(xticks=[], yticks=[])
                small[i, j].set_title(f"{i + 1}.{j + 1}", fontsize=8)
        return mo.vstack(
            [
                kit.show_figure(bars, f"what the token {names[row]!r} takes of each"),
                kit.show_figure(
                    figure, "the attention of one head: a row for each token, a column for each it takes from"
                ),
                mo.md(f"The first {len(tokens)} of {count} tokens are shown." if count > len(tokens) else ""),
                mo.accordion({"Every head of every layer": kit.show_figure(grid, "all heads")}),
            ]
        )

    show()
    return


@app.cell
def _(mo):
    mo.md(
        r"""
        Look for heads that look mostly one place back, that stay within the word, or that lean to the last space. Switch the
        mask off: the heads were trained with it, and what they now take from the future means nothing to them.

        ## The mask and the scale

        Eight random tokens through one head. Switch each piece off, and make the head wider.
        """
    )
    return


@app.cell
def _(mo):
    mask = mo.ui.switch(value=True, label="mask")
    scale = mo.ui.switch(value=True, label="divide by √d")
    width = mo.ui.slider(steps=[1, 4, 16, 64, 256, 1024], value=64, label="channels d", show_value=True)
    seed = mo.ui.slider(0, 9, 1, value=0, label="other tokens", show_value=True)
    mo.hstack([mask, scale, width, seed], justify="start", wrap=True)
    return mask, scale, seed, width


@app.cell
def _(attend, causal_mask, kit, mask, math, mo, scale, seed, torch, width):
    def compare():
        generator = torch.Generator().manual_seed(seed.value)
        queries, keys = torch.randn(2, 8, width.value, generator=generator)
        weights = attend(queries, keys, mask.value, scale.value)
        figure, (left, right) = kit.make_axes(8.5, 3.6, 2)
        seen = causal_mask(8, 8) | (not mask.value)
        left.imshow(weights.masked_fill(~seen, torch.nan), cmap=kit.BLUES, vmin=0, vmax=1)
        left.set(title="weights", xlabel="key", ylabel="query")
        for set_ticks in (left.set_xticks, left.set_yticks, right.set_xticks):
            set_ticks(range(8), range(1, 9))
        right.bar(range(8), 100 * weights[-1], color=kit.ORANGE)
        right.set(title="what the last token takes, %", xlabel="of token", ylim=(0, 100))
        ahead = weights[~causal_mask(8, 8)].sum().item() / 8
        largest = weights[4:].max(dim=-1).values.mean().item()
        words = []
        if not mask.value:
            words.append(
                f"**The future leaks**: {ahead:.0%} of all attention goes to tokens that have not been written yet."
            )
        if not scale.value and width.value >= 16:
            words.append(
                f"**Softmax has hardened**: dot products spread by √{width.value} = {math.sqrt(width.value):.0f}; the largest weight is {largest:.0%} on average"
                + (", and next to no slope is left." if largest > 0.9 else ".")
            )
        if not words:
            words.append(f"Each row sums to 1; the largest weight of the last four rows is {largest:.0%} on average.")
        return mo.vstack(
            [
                kit.show_figure(figure, "attention weights of eight random tokens"),
                kit.say("info" if mask.value and scale.value else "warn", " ".join(words)),
            ]
        )

    compare()
    return


@app.cell
def _(SingleHeadAttention, attention_weights, causal_attention, causal_mask, kit):
    kit.show_source(causal_mask, attention_weights, causal_attention, SingleHeadAttention)
    return


@app.cell
def _(kit):
    kit.show_task("self-attention")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("self-attention")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("self-attention", answer.value)
    return


if __name__ == "__main__":
    app.run()
