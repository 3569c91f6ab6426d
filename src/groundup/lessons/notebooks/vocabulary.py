# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="From text to numbers")


@app.cell
def _():
    from html import escape
    from zlib import crc32

    import marimo as mo

    from groundup.data.corpus.texts import read_text
    from groundup.lessons import kit
    from groundup.steps.c5_words.byte_pair import count_pairs, encode, get_merges, merge_pair
    from groundup.steps.c5_words.vocabulary import CharacterVocabulary, Vocabulary, pad

    return (
        CharacterVocabulary,
        Vocabulary,
        count_pairs,
        crc32,
        encode,
        escape,
        get_merges,
        kit,
        merge_pair,
        mo,
        pad,
        read_text,
    )


@app.cell
def _(mo):
    mo.md(
        """
        # From text to numbers

        A network computes with numbers, so a text is cut into **tokens**, and every different token gets a number. *How* it is cut
        decides much. Words: short rows, but every word never seen before is unknown. Characters: hardly anything is unknown, but
        rows are long. Byte pairs lie in between: what often stands together becomes one.

        ## Words and characters
        """
    )
    return


@app.cell
def _(mo):
    known = mo.ui.text_area(
        value="the cat sat on the mat\nthe dog sat",
        label="sentences the vocabulary is made of, one a line",
        full_width=True,
        rows=3,
    )
    asked = mo.ui.text(value="the cat saw the dog", label="a sentence to encode", full_width=True)
    mo.vstack([known, asked])
    return asked, known


@app.cell
def _(CharacterVocabulary, Vocabulary, asked, crc32, escape, kit, known, mo, pad):
    def show_tokens(tokens, numbers=None):
        """Return tokens as coloured boxes, with their numbers below."""
        boxes = ""
        for place, token in enumerate(tokens):
            hue = crc32(token.encode()) % 360
            below = f'<small style="display:block;opacity:.7">{numbers[place]}</small>' if numbers else ""
            shown = escape(kit.show_blanks(token))
            boxes += f'<span style="display:inline-block;text-align:center;padding:.1em .35em;margin:.12em;border-radius:.3em;background:hsl({hue} 70% 50% / .3)">{shown}{below}</span>'
        return mo.Html(f'<div style="line-height:1.5;font-family:ui-monospace,monospace">{boxes}</div>')

    def encode_all():
        sentences = [line for line in known.value[:2000].splitlines() if line.strip()]
        if not sentences:
            return kit.say("warn", "Write at least one sentence above.")
        words, characters = Vocabulary(sentences), CharacterVocabulary("\n".join(sentences))
        text = asked.value[:200]
        letters = [letter for letter in text if letter in "".join(sentences)]
        lost = sorted(set(text) - set(letters))
        return mo.vstack(
            [
                mo.md(
                    f"**Words**: {len(words.words)}, sorted and numbered from 1. 0 is for padding, {words.unknown} for words never seen."
                ),
                show_tokens(
                    [word if word in words.numbers else f"{word}?" for word in text.split()], words.encode(text)
                ),
                mo.md("All sentences as one tensor, padded on the right with 0:"),
                kit.show_text(str(pad([words.encode(sentence) for sentence in sentences]).numpy())),
                mo.Html(
                    f"<p><b>Characters</b>: {len(characters)}, numbered from 0."
                    + (f" Never seen, and left out here: {escape(' '.join(map(repr, lost)))}." if lost else "")
                    + "</p>"
                ),
                show_tokens(letters, characters.encode("".join(letters))),
            ]
        )

    encode_all()
    return (show_tokens,)


@app.cell
def _(mo):
    mo.md(
        r"""
        ## Byte pairs, one merge after the other

        Begin with characters. Count which two neighbours occur together most often, merge them into one symbol, and count again
        (Gage, 1994; Sennrich et al., 2016):

        $$(a, b) = \arg\max_{a,\,b}\ \text{count}(a \text{ right before } b)$$

        Of pairs that are equally common the first by the alphabet is taken. Move the slider.
        """
    )
    return


@app.cell
def _(mo):
    text = mo.ui.text_area(
        value="low lower lowest new newer newest wide wider widest", label="text", full_width=True, rows=2
    )
    merges_wanted = mo.ui.slider(0, 60, 1, value=4, label="merges", show_value=True)
    mo.vstack([text, merges_wanted])
    return merges_wanted, text


@app.cell
def _(count_pairs, escape, get_merges, kit, merge_pair, merges_wanted, mo, show_tokens, text):
    def mark(symbol):
        return f"<code>{escape(kit.show_blanks(symbol))}</code>"

    def merge():
        content = text.value[:1500]
        if not content.strip():
            return kit.say("warn", "Write a text above.")
        merges = get_merges(content, merges_wanted.value)
        symbols, lengths = list(content), [len(content)]
        for pair in merges:
            symbols = merge_pair(symbols, tuple(pair))
            lengths.append(len(symbols))
        counts = count_pairs({tuple(symbols): 1})
        following = ", ".join(
            f"{mark(a)}+{mark(b)} {times}×"
            for (a, b), times in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
        )
        figure, axes = kit.make_axes(9, 2.4)
        axes.plot(lengths, "o-", color=kit.ORANGE, ms=3)
        axes.set(xlabel="merges", ylabel="tokens", ylim=(0, lengths[0] * 1.05))
        axes.xaxis.get_major_locator().set_params(integer=True)
        return mo.vstack(
            [
                show_tokens(symbols),
                mo.Html(
                    f"<p>{lengths[0]} characters became <b>{len(symbols)} {'token' if len(symbols) == 1 else 'tokens'}</b>, from a vocabulary of {len(set(content)) + len(merges)}. Merged so far: {' '.join(mark(a + b) for a, b in merges) or 'nothing'}.</p>"
                ),
                mo.Html(
                    f"<p>The commonest neighbours now: {following}.</p>"
                    if following
                    else "<p>There is nothing left to merge.</p>"
                ),
                kit.show_figure(figure, "how many tokens are left after each merge"),
            ]
        )

    merge()
    return


@app.cell
def _(count_pairs, encode, get_merges, kit, merge_pair, mo):
    mo.vstack(
        [
            mo.md(
                """
                Each merge makes the rows shorter and the vocabulary larger: it is a trade. Real tokenizers make tens of thousands of
                merges, on bytes, and as a rule never across the end of a word. `groundup train gpt --set tokenizer=bytepair` trains one on your text.
                """
            ),
            kit.show_source(count_pairs, merge_pair, get_merges, encode),
        ]
    )
    return


@app.cell
def _(kit):
    kit.show_task("vocabulary")
    return


@app.cell
def _(kit):
    answer = kit.make_editor("vocabulary")
    answer
    return (answer,)


@app.cell
def _(answer, kit):
    kit.judge_answer("vocabulary", answer.value)
    return


if __name__ == "__main__":
    app.run()
