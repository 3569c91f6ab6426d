# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="The next token")


@app.cell
def _():
    import marimo as mo
    import torch

    from groundup.base.errors import UserError
    from groundup.lessons import kit
    from groundup.steps.c5_words.sampling import choose_token, generate_tokens, keep_top_k, keep_top_p
    from groundup.tasks.gpt.runs import encode_prompt, open_gpt

    return UserError, choose_token, encode_prompt, generate_tokens, keep_top_k, keep_top_p, kit, mo, open_gpt, torch


@app.cell
def _(mo):
    mo.md(
        r"""
        # The next token

        A GPT answers one question: *what comes next?* It answers with a score for every token it knows. Temperature $\tau$ and a softmax
        make probabilities of them, and one token is drawn:

        $$p_i = \frac{e^{z_i/\tau}}{\sum_j e^{z_j/\tau}}$$

        Put it behind the text, and ask again. That is all of writing. A low temperature takes the safest token and soon repeats
        itself; a high one takes chances and soon raves. **Top-k** draws among the k likeliest only (Fan et al., 2018), **top-p** among
        the fewest that reach the probability p together (Holtzman et al., 2020).
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
def _(mo):
    get_text, set_text = mo.state("The function ret")
    return get_text, set_text


@app.cell
def _(get_text, mo, set_text):
    text = mo.ui.text_area(value=get_text(), label="the text so far", full_width=True, rows=3, on_change=set_text)
    text
    return


@app.cell
def _(mo):
    temperature = mo.ui.slider(0, 2, 0.05, value=0.8, label="temperature", show_value=True)
    top_k = mo.ui.slider(0, 40, 1, value=0, label="top-k (0: off)", show_value=True)
    top_p = mo.ui.slider(0.05, 1, 0.05, value=1, label="top-p", show_value=True)
    mo.hstack([temperature, top_k, top_p], justify="start", wrap=True)
    return temperature, top_k, top_p


@app.cell
def _(
    UserError,
    encode_prompt,
    get_text,
    keep_top_k,
    keep_top_p,
    kit,
    mo,
    model,
    temperature,
    tokenizer,
    top_k,
    top_p,
    torch,
):
    def only_the_likeliest(logits):
        return torch.full_like(logits, -torch.inf).index_fill(0, logits.argmax(), 0.0)

    def ask():
        try:
            tokens = encode_prompt(get_text()[-2000:], tokenizer)[-model.settings.context :]
        except UserError as error:
            return kit.refuse(error)
        with torch.inference_mode():
            logits = model(torch.tensor([tokens]))[0, -1].float()
        scaled = logits / temperature.value if temperature.value else only_the_likeliest(logits)
        kept = keep_top_k(scaled, top_k.value) if top_k.value else scaled
        kept = keep_top_p(kept, top_p.value) if top_p.value < 1 else kept
        before, after = scaled.softmax(0), kept.softmax(0)
        order = before.argsort(descending=True)[:20]
        names = [kit.name_token(tokenizer.decode([int(token)])) for token in order]
        places = range(len(names))
        figure, axes = kit.make_axes(10, 3.2)
        axes.bar(places, 100 * before[order], color=kit.INK, alpha=0.5, label="before cutting")
        axes.bar(places, 100 * after[order], color=kit.BLUE, width=0.55, label="drawn from")
        axes.set_xticks(places, names, fontsize=11)
        axes.set(ylabel="%", title="what may come next", ylim=(0, 100))
        axes.legend()
        entropy = -(before * before.clamp(min=1e-30).log()).sum()
        words = (
            f"{int((after > 0).sum())} of {len(logits)} tokens can come. Before cutting it wavers as if between "
            f"{entropy.exp():.1f} equally likely ones."
        )
        return mo.vstack([kit.show_figure(figure, words), mo.md(words)])

    ask()
    return


@app.cell
def _(mo):
    one = mo.ui.run_button(label="One token")
    twenty = mo.ui.run_button(label="Twenty")
    many = mo.ui.run_button(label="Two hundred")
    again = mo.ui.run_button(label="Start over")
    mo.hstack([one, twenty, many, again], justify="start", wrap=True)
    return again, many, one, twenty


@app.cell
def _(
    UserError,
    again,
    choose_token,
    encode_prompt,
    generate_tokens,
    get_text,
    kit,
    many,
    mo,
    model,
    one,
    set_text,
    temperature,
    tokenizer,
    top_k,
    top_p,
    torch,
    twenty,
):
    def grow(count):
        from functools import partial
        from itertools import islice

        from groundup.steps.c5_words.sampling import Recompute

        try:
            prompt = encode_prompt(get_text()[-2000:], tokenizer)
        except UserError:
            return
        choose = partial(
            choose_token,
            generator=torch.Generator().manual_seed(torch.seed() % 2**31),
            temperature=temperature.value,
            top_k=top_k.value or None,
            top_p=top_p.value,
        )
        written = get_text()
        tokens = generate_tokens(Recompute(model), prompt, model.settings.context, choose)
        for token in kit.while_watched(islice(tokens, count)):
            written += tokenizer.decode([token])
            mo.output.replace(kit.show_text(written[-1500:]))
        set_text(written[-4000:])

    if one.value or twenty.value or many.value:
        grow(1 if one.value else 20 if twenty.value else 200)
    if again.value:
        set_text("The function ret")
    return


@app.cell
def _(choose_token, generate_tokens, keep_top_k, keep_top_p, kit, mo):
    mo.vstack(
        [
            mo.md(
                """
                Try temperature 0 and two hundred tokens: it takes the likeliest each time, and sooner or later goes round in a loop. Then 1.6, and 1.6 with top-k 5. Grow a text to a place
                where several tokens are about equally likely, and watch the bars as temperature moves.
                """
            ),
            kit.show_source(choose_token, keep_top_k, keep_top_p, generate_tokens),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("sampling")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("sampling")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("sampling", answer.value)
    return


if __name__ == "__main__":
    app.run()
