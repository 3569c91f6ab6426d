# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Words on a map")


@app.cell
def _():
    from html import escape

    import marimo as mo
    import torch
    from matplotlib.colors import LinearSegmentedColormap
    from torch.nn.functional import binary_cross_entropy_with_logits

    from groundup.data.texts.labelled_texts import load_splits
    from groundup.data.texts.words import split_words
    from groundup.lessons import kit
    from groundup.steps.c4_training.optimisers import Adam
    from groundup.steps.c4_training.training_loop import train
    from groundup.steps.c5_words.embedding import find_nearest, look_up, measure_cosines
    from groundup.steps.c5_words.sentiment import SentimentModel, average_words
    from groundup.steps.c5_words.vocabulary import Vocabulary, pad

    return (
        Adam,
        LinearSegmentedColormap,
        SentimentModel,
        Vocabulary,
        average_words,
        binary_cross_entropy_with_logits,
        escape,
        find_nearest,
        kit,
        load_splits,
        look_up,
        measure_cosines,
        mo,
        pad,
        split_words,
        torch,
        train,
    )


@app.cell
def _(mo):
    mo.md(
        r"""
        # Words on a map

        Give every word a vector of, say, 16 numbers, at random at first: the **embedding**. A sentence is the average of its words' vectors,
        and one linear layer makes a score of it:

        $$\text{logit} = w\cdot\frac1T\sum_t E[\text{word}_t] + b$$

        $$p = \sigma(\text{logit})$$

        Training moves $w$ and $b$, and the words themselves: those that speak for the same mood drift together.

        Train it on the 180 built-in sentences; it takes a second. So few teach it their own words and hardly any others.
        """
    )
    return


@app.cell
def _(mo):
    epochs = mo.ui.slider(0, 60, 2, value=20, label="epochs", show_value=True)
    channels = mo.ui.slider(steps=[2, 4, 16, 64], value=16, label="channels", show_value=True)
    mo.hstack([epochs, channels], justify="start", wrap=True)
    return channels, epochs


@app.cell
def _(Vocabulary, load_splits, pad, split_words, torch):
    _splits = load_splits(None)
    # Marks are words of their own, or "soft." would be another word than "soft".
    _texts = [" ".join(split_words(text)) for text in _splits.train.texts]
    vocabulary = Vocabulary(_texts)
    sentences = pad([vocabulary.encode(text) for text in _texts])
    labels = torch.tensor(_splits.train.labels).float()
    return labels, sentences, vocabulary


@app.cell
def _(
    Adam,
    SentimentModel,
    binary_cross_entropy_with_logits,
    channels,
    epochs,
    labels,
    sentences,
    torch,
    train,
    vocabulary,
):
    torch.manual_seed(0)
    model = SentimentModel(len(vocabulary), channels.value)
    train(model, binary_cross_entropy_with_logits, Adam(model.parameters(), 0.02), sentences, labels, epochs.value, 16)
    _ = model.eval()
    return (model,)


@app.cell
def _(mo):
    sentence = mo.ui.text(value="a lovely day but a terrible ending", label="a sentence", full_width=True)
    padding = mo.ui.slider(0, 30, 1, value=0, label="padding behind it", show_value=True)
    leave_out = mo.ui.switch(value=True, label="leave padding out of the average")
    mo.vstack([sentence, mo.hstack([padding, leave_out], justify="start", wrap=True)])
    return leave_out, padding, sentence


@app.cell
def _(average_words, escape, kit, leave_out, mo, model, pad, padding, sentence, split_words, torch, vocabulary):
    def weigh():
        text = " ".join(split_words(sentence.value[:500]))
        numbers = vocabulary.encode(text)
        if not numbers:
            return kit.say(
                "warn",
                f"No words: the average is nothing, and the probability is the bias's, {torch.sigmoid(model.linear.bias).item():.1%}.",
            )
        row = pad([numbers], len(numbers) + padding.value)
        with torch.inference_mode():
            vectors = model.embedding(row)
            average = average_words(vectors, row) if leave_out.value else vectors.mean(dim=1)
            probability = torch.sigmoid(model.linear(average)).item()
            right = model.predict(row).item()
            shares = model.share_words(row)[0].tolist()
        most = max(0.2, *(abs(share) for share in shares))
        spans = " ".join(
            f'<span title="{share:+.3f}" style="display:inline-block;text-align:center;line-height:1.3;padding:.15em .3em;margin:.1em 0;border-radius:.3em;background:{kit.GREEN if share > 0 else kit.RED}{int(170 * abs(share) / most):02x};{"border-bottom:2px dotted" if number == vocabulary.unknown else ""}">{escape(word)}<small style="display:block;font-size:.65em;opacity:.75">{share:+.2f}</small></span>'
            for word, share, number in zip(text.split(), shares, numbers, strict=False)
        )
        told = f"**{probability:.1%}** positive."
        if abs(probability - right) > 0.005:
            told += f" Without the padding it is {right:.1%}: the very same sentence scores differently beside a longer one. This is why padding must be left out."
        return mo.vstack(
            [
                mo.Html(f'<p style="font-size:1.15rem;line-height:2.1">{spans}</p>'),
                mo.md(
                    told
                    + " Green pulls towards positive, red towards negative; below each word is its share of the logit."
                    + (" Dotted words were never seen; they share one vector." if vocabulary.unknown in numbers else "")
                ),
            ]
        )

    weigh()
    return


@app.cell
def _(mo, vocabulary):
    mo.md(
        f"""
        ## The map

        The {len(vocabulary.words)} words' vectors, pressed flat along the two directions in which they spread most. Green speaks for a
        good mood, red for a bad one. Set the epochs to 0 to see where they began.
        """
    )
    return


@app.cell
def _(mo, vocabulary):
    word = mo.ui.dropdown(
        vocabulary.words,
        value="terrible" if "terrible" in vocabulary.words else vocabulary.words[0],
        label="a word",
        searchable=True,
    )
    count = mo.ui.slider(3, 20, 1, value=8, label="nearest", show_value=True)
    mo.hstack([word, count], justify="start", wrap=True)
    return count, word


@app.cell
def _(LinearSegmentedColormap, count, find_nearest, kit, mo, model, torch, vocabulary, word):
    def draw():
        table = model.embedding.weight.detach()[1 : len(vocabulary.words) + 1]
        chosen = vocabulary.words.index(word.value)
        rows, cosines = find_nearest(table, chosen, count.value)
        flat = table - table.mean(0)
        _, _, directions = torch.linalg.svd(flat, full_matrices=False)
        places = flat @ directions[:2].T
        pull = table @ model.linear.weight.detach()[0]
        # Grey in the middle: seen on a white page and on a black one.
        moods = LinearSegmentedColormap.from_list("moods", [kit.RED, "#9aa2ab", kit.GREEN])
        figure, axes = kit.make_axes(9, 5)
        strongest = pull.abs().max()
        axes.scatter(*places.T, c=pull, cmap=moods, vmin=-strongest, vmax=strongest, s=14)
        telling = {*pull.abs().argsort(descending=True)[:12].tolist(), *rows.tolist(), chosen}
        for row in telling:
            strong = row == chosen or row in rows.tolist()
            axes.annotate(
                vocabulary.words[row],
                places[row].tolist(),
                xytext=(5, 3),
                textcoords="offset points",
                fontsize=10 if strong else 9,
                color=kit.ORANGE if row == chosen else kit.BLUE if strong else kit.INK,
            )
        axes.set(xticks=[], yticks=[])
        axes.margins(x=0.12)
        near = ", ".join(
            f"{vocabulary.words[row]} {cosine:.2f}" for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
        )
        return mo.vstack(
            [
                kit.show_figure(figure, f"the words as points; nearest to {word.value}: {near}"),
                mo.md(f"Nearest to **{word.value}** by cosine: {near}."),
            ]
        )

    draw()
    return


@app.cell
def _(SentimentModel, average_words, find_nearest, kit, look_up, measure_cosines, mo):
    mo.vstack(
        [
            mo.md(
                """
                The cosine compares directions; a plain dot product would also grow with the vectors' lengths, and so favour long ones. For a
                word that says much of the mood, near means *pulls the mood the same way*: that is all this model was asked for. A word that says little
                has hardly moved from where it began, and its neighbours are an accident.
                """
            ),
            kit.show_source(SentimentModel, average_words, look_up, measure_cosines, find_nearest),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("embedding")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("embedding")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("embedding", answer.value)
    return


if __name__ == "__main__":
    app.run()
