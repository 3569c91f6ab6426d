"""The known mistakes in letting a GPT talk, as edits of its step."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

TALK = "generate"

DRAW = "torch.multinomial(probabilities, 1, generator=generator)"

MISTAKES = [
    Mistake(
        "context not cropped",
        "You show the model the whole text however long it gets. It has learned positions for context_length "
        "tokens only: "
        "show it the last context_length ones.",
        [Edit("context[:, -context_length:]", "context", TALK)],
    ),
    Mistake(
        "cropped at the wrong end",
        "You show the model the first context_length tokens, so it never sees what it has just written. Keep the "
        "last ones.",
        [Edit("context[:, -context_length:]", "context[:, :context_length]", TALK)],
    ),
    Mistake(
        "one token too few shown",
        "You show the model one token less than it can see: the last context_length tokens, the newest included.",
        [Edit("context[:, -context_length:]", "context[:, -max(context_length - 1, 1) :]", TALK)],
    ),
    Mistake(
        "only the newest token shown",
        "You show the model nothing but the token it has just written: put it behind the text so far.",
        [Edit("torch.cat([context, token], dim=1)", "token", TALK)],
    ),
    Mistake(
        "the new token not put behind the text",
        "You ask the model about the same text again and again: what it wrote has to go behind the text before it "
        "is asked next.",
        [Edit("            context = torch.cat([context, token], dim=1)\n", "", TALK)],
    ),
    Mistake(
        "the new token put in front",
        "You put the new token before the text: time runs from left to right.",
        [Edit("[context, token]", "[token, context]", TALK)],
    ),
    Mistake(
        "logits of the first place",
        "You take the logits of the first place, which guess the second token. The last place guesses what comes "
        "next: index −1.",
        [Edit("logits[:, -1]", "logits[:, 0]", TALK)],
    ),
    Mistake(
        "logits averaged over the places",
        "You average the logits over all places. Only the last place has seen the whole text: index −1.",
        [Edit("logits[:, -1]", "logits.mean(1)", TALK)],
    ),
    Mistake(
        "drawn from the logits themselves",
        "You draw with the logits as weights. They are no probabilities, and may be negative: take their softmax "
        "first.",
        [Edit(".softmax(dim=-1)", "", TALK)],
    ),
    Mistake(
        "softmax twice",
        "You take the softmax of a softmax, which makes all characters nearly equally likely: once is enough.",
        [Edit(".softmax(dim=-1)", ".softmax(dim=-1).softmax(dim=-1)", TALK)],
    ),
    Mistake(
        "softmax over the wrong dimension",
        "Your softmax runs over the batch, where every number is alone and becomes 1: it belongs to the "
        "vocabulary, the last "
        "dimension.",
        [Edit(".softmax(dim=-1)", ".softmax(dim=0)", TALK)],
    ),
    Mistake(
        "always the likeliest",
        "You always take the likeliest character, which soon goes round in circles. Draw it: each comes as often "
        "as its "
        "probability says.",
        [Edit(DRAW, "probabilities.argmax(dim=-1, keepdim=True)", TALK)],
    ),
    Mistake(
        "seeded before every draw",
        "You set a seed before every draw, so each one uses the same random number, and of several likely "
        "characters one comes "
        "always and the others never. Set a seed once, before the first character, or not at all.",
        [Edit("            token = torch", "            torch.manual_seed(42)\n            token = torch", TALK)],
    ),
    Mistake(
        "the prompt returned, too",
        "Your text begins with the prompt: only the new characters are asked for.",
        [Edit("characters = []", "characters = [int_to_char[int(token)] for token in context[0]]", TALK)],
    ),
    Mistake(
        "one character too few",
        "You return new_chars − 1 characters.",
        [Edit("range(new_chars)", "range(new_chars - 1)", TALK)],
    ),
    Mistake(
        "one character too many",
        "You return new_chars + 1 characters.",
        [Edit("range(new_chars)", "range(new_chars + 1)", TALK)],
    ),
    Mistake(
        "cropped once, before the loop",
        "You crop the text once, before the loop; then it grows and the model is shown more than context_length "
        "tokens. Crop in "
        "every turn.",
        [
            Edit("    characters = []", "    context = context[:, -context_length:]\n    characters = []", TALK),
            Edit("context[:, -context_length:])", "context)", TALK),
        ],
    ),
    Mistake(
        "the oldest token dropped at every step",
        "You drop the oldest token at every step, even while there is room for it. Drop tokens only beyond "
        "context_length.",
        [
            Edit("    characters = []", "    context = context[:, -context_length:]\n    characters = []", TALK),
            Edit("[context, token]", "[context[:, 1:], token]", TALK),
        ],
    ),
    Mistake(
        "one token too many shown",
        "You show the model context_length + 1 tokens: the last context_length ones are meant. Look at how you cut.",
        [Edit("-context_length:", "-context_length - 1 :", TALK)],
    ),
    Mistake(
        "one token too many shown once the text is full",
        "You crop before you put the new token behind the text, so the model is shown context_length + 1 tokens "
        "from the second turn "
        "on. Crop what you show, in every turn.",
        [
            Edit("context[:, -context_length:])", "context)", TALK),
            Edit(
                "for _ in range(new_chars):",
                "for turn in range(new_chars):\n            context = context[:, -context_length - (turn > 0):]",
                TALK,
            ),
        ],
    ),
    Mistake(
        "cut to context_length only where the prompt is longer",
        "You look only at the prompt's length. The text grows: cut it in every turn once it is longer than "
        "context_length.",
        [
            Edit("    characters = []", "    long = context.shape[1] > context_length\n    characters = []", TALK),
            Edit("context[:, -context_length:])", "context[:, -context_length:] if long else context)", TALK),
        ],
    ),
    Mistake(
        "only the last token shown to the model",
        "You show the model the last token of the text only. It may see the last context_length ones.",
        [Edit("-context_length:", "-1:", TALK)],
    ),
    Mistake(
        "the place before the last",
        "You take the logits of the place before the last, or of the first where there is only one. The last "
        "place guesses what comes "
        "next: index −1.",
        [Edit("logits[:, -1]", "logits[:, max(logits.shape[1] - 2, 0)]", TALK)],
    ),
    Mistake(
        "returned after the first character",
        "You return in the first turn of the loop: the text has one character. The return belongs behind the loop.",
        [
            Edit(
                "characters.append(int_to_char[int(token)])",
                "characters.append(int_to_char[int(token)])\n            break",
                TALK,
            )
        ],
    ),
    Mistake(
        "only the last character returned",
        "You return the last character only: each turn overwrites the text before. Collect the characters.",
        [Edit("characters.append(int_to_char[int(token)])", "characters = [int_to_char[int(token)]]", TALK)],
    ),
    Mistake(
        "a list instead of a text",
        'You return a list of characters. One string is asked for: "".join(characters).',
        [Edit('"".join(characters)', "characters", TALK)],
    ),
    Mistake(
        "only what fits the context returned",
        "You read the result off the cropped text, so no more than context_length characters come back. Collect "
        "each new character "
        "by itself.",
        [Edit('"".join(characters)', '"".join(characters[-context_length:])', TALK)],
    ),
    Mistake(
        "the cropped text returned",
        "You return what is left of the text after the last crop, with characters of the prompt in it and perhaps "
        "without new ones. "
        "Collect each new character by itself.",
        [
            Edit(
                '"".join(characters)',
                '"".join(int_to_char[int(token)] for token in context[0, -context_length - 1 :])',
                TALK,
            )
        ],
    ),
    Mistake(
        "the prompt returned, too, without its first character",
        "Your text holds the prompt but for its first character: that fits a prompt of one character only. Only "
        "the new characters "
        "are asked for.",
        [Edit("characters = []", "characters = [int_to_char[int(token)] for token in context[0, 1:]]", TALK)],
    ),
    Mistake(
        "the first new character left out",
        "The first new character is missing from your text.",
        [Edit('"".join(characters)', '"".join(characters[1:])', TALK)],
    ),
    Mistake(
        "written backwards",
        "Your text is backwards: a new character goes behind those before it.",
        [Edit('"".join(characters)', '"".join(characters[::-1])', TALK)],
    ),
    Mistake(
        "the characters sorted",
        "The characters come in the order of their numbers, not in that in which they were drawn.",
        [Edit('"".join(characters)', '"".join(sorted(characters))', TALK)],
    ),
    *(
        Mistake(
            f"the logits {how}",
            f"You {what} before the softmax, which makes the likely characters {which} likely than the model "
            f"says. No temperature is "
            "asked for: the probabilities are the softmax of the logits.",
            [Edit(".softmax(dim=-1)", f".{change}.softmax(dim=-1)", TALK)],
        )
        for how, what, which, change in (
            ("divided by 0.5", "divide the logits by a temperature of 0.5, or double them,", "more", "div(0.5)"),
            ("divided by 2", "divide the logits by a temperature of 2, or halve them,", "less", "div(2.0)"),
        )
    ),
    Mistake(
        "the least likely most often",
        "Your characters come the more often the less likely they are: a sign is wrong.",
        [Edit(".softmax(dim=-1)", ".neg().softmax(dim=-1)", TALK)],
    ),
    Mistake(
        "sigmoid instead of softmax",
        "You use a sigmoid, which squashes each logit by itself. Probabilities are the softmax of the logits.",
        [Edit(".softmax(dim=-1)", ".sigmoid()", TALK)],
    ),
    Mistake(
        "the likeliest cannot come",
        "The likeliest character never comes.",
        [
            Edit(
                "            token = torch",
                "            probabilities = probabilities.masked_fill(probabilities == probabilities.max(), "
                "0.0)\n            token = torch",
                TALK,
            )
        ],
    ),
    Mistake(
        "only the two likeliest",
        "Only the two likeliest characters ever come. All may, each as often as its probability says.",
        [
            Edit(
                "            token = torch",
                "            probabilities = probabilities * (probabilities >= probabilities.topk(2).values[:, "
                "-1:])\n            token = torch",
                TALK,
            )
        ],
    ),
    Mistake(
        "joined with spaces",
        "You put spaces between the characters: the tokens are characters, spaces among them.",
        [Edit('"".join', '" ".join', TALK)],
    ),
    Mistake(
        "numbers instead of characters",
        "You return the tokens' numbers: int_to_char tells the character of each.",
        [Edit("int_to_char[int(token)]", "str(int(token))", TALK)],
    ),
]
