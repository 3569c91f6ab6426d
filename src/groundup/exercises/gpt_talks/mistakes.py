"""The known mistakes in letting a GPT talk, as edits of its step."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

TALK = "generate"

DRAW = "torch.multinomial(probabilities, 1, generator=generator)"

MISTAKES = [
    Mistake(
        "context not cropped",
        "You give the model the whole text however long it gets. It has learned positions for context_length "
        "tokens only: give it the last context_length ones.",
        [Edit("context[:, -context_length:]", "context", TALK)],
    ),
    Mistake(
        "cropped at the wrong end",
        "You give the model the first context_length tokens, so it never sees what it has just written. Keep the "
        "last ones.",
        [Edit("context[:, -context_length:]", "context[:, :context_length]", TALK)],
    ),
    Mistake(
        "one token too few shown",
        "You give the model one token less than it can see: the last context_length tokens, the newest included.",
        [Edit("context[:, -context_length:]", "context[:, -max(context_length - 1, 1) :]", TALK)],
    ),
    Mistake(
        "only the newest token shown",
        "You give the model only the token that was just drawn. Append it to the text, and give the model the "
        "last context_length tokens.",
        [Edit("torch.cat([context, token], dim=1)", "token", TALK)],
    ),
    Mistake(
        "the new token not appended to the text",
        "You give the model the same text again and again. Append each new token to the text before the next call.",
        [Edit("            context = torch.cat([context, token], dim=1)\n", "", TALK)],
    ),
    Mistake(
        "the new token put in front",
        "You put the new token before the text: time runs from left to right.",
        [Edit("[context, token]", "[token, context]", TALK)],
    ),
    Mistake(
        "logits of the first position",
        "You take the logits of the first position, which predict the second token. The last position predicts "
        "what comes next: index −1.",
        [Edit("logits[:, -1]", "logits[:, 0]", TALK)],
    ),
    Mistake(
        "logits averaged over the positions",
        "You average the logits over all positions. Only the last position has seen the whole text: index −1.",
        [Edit("logits[:, -1]", "logits.mean(1)", TALK)],
    ),
    Mistake(
        "drawn from the logits themselves",
        "You draw with the logits as weights. They are not probabilities, and may be negative: take their "
        "softmax first.",
        [Edit(".softmax(dim=-1)", "", TALK)],
    ),
    Mistake(
        "softmax twice",
        "You take the softmax of a softmax, which makes all characters nearly equally likely: once is enough.",
        [Edit(".softmax(dim=-1)", ".softmax(dim=-1).softmax(dim=-1)", TALK)],
    ),
    Mistake(
        "softmax over the positions",
        "Your softmax runs over the positions of the text. It belongs to the vocabulary, the last dimension: take the logits of the "
        "last position, and then their softmax.",
        [Edit("logits[:, -1].softmax(dim=-1)", "logits.softmax(dim=1)[:, -1]", TALK)],
    ),
    Mistake(
        "softmax over the wrong dimension",
        "Your softmax runs over the batch, where every number is alone and becomes 1: it belongs to the "
        "vocabulary, the last "
        "dimension.",
        [Edit(".softmax(dim=-1)", ".softmax(dim=0)", TALK)],
    ),
    Mistake(
        "always the most likely",
        "You always take the most likely character, so the text soon repeats itself. Draw the character from the "
        "probabilities.",
        [Edit(DRAW, "probabilities.argmax(dim=-1, keepdim=True)", TALK)],
    ),
    Mistake(
        "seeded before every draw",
        "You set a seed before every draw, so each one uses the same random number, and of several likely "
        "characters one is always drawn and the others never. Set a seed once, before the first character, or "
        "not at all.",
        [Edit("            token = torch", "            torch.manual_seed(42)\n            token = torch", TALK)],
    ),
    Mistake(
        "the prompt returned, too",
        "Your text begins with the prompt: only the new characters are asked for.",
        [Edit("characters = []", "characters = [int_to_char[int(token)] for token in context[0]]", TALK)],
    ),
    Mistake(
        "one character too few",
        "You return new_chars − 1 characters. Look at the loop: range(1, new_chars) has one number too few; "
        "range(new_chars) has new_chars of them.",
        [Edit("range(new_chars)", "range(new_chars - 1)", TALK)],
    ),
    Mistake(
        "one character too many",
        "You return new_chars + 1 characters. Look at the loop: range(new_chars) has exactly new_chars numbers. "
        "(Or is a character of the prompt included?)",
        [Edit("range(new_chars)", "range(new_chars + 1)", TALK)],
    ),
    Mistake(
        "cropped once, before the loop",
        "You crop the text once, before the loop; then it grows and the model is given more than context_length "
        "tokens. Crop in every round.",
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
        "You give the model context_length + 1 tokens: the last context_length ones are meant. Look at how you cut.",
        [Edit("-context_length:", "-context_length - 1 :", TALK)],
    ),
    Mistake(
        "one token too many shown once the text is full",
        "You crop before you append the new token to the text, so the model is given context_length + 1 tokens "
        "from the second round on. Crop the model's input, in every round.",
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
        "You look only at the prompt's length. The text grows: cut it in every round once it is longer than "
        "context_length.",
        [
            Edit("    characters = []", "    long = context.shape[1] > context_length\n    characters = []", TALK),
            Edit("context[:, -context_length:])", "context[:, -context_length:] if long else context)", TALK),
        ],
    ),
    Mistake(
        "only the last token shown to the model",
        "You give the model the last token of the text only. It may see the last context_length ones.",
        [Edit("-context_length:", "-1:", TALK)],
    ),
    Mistake(
        "the position before the last",
        "You take the logits of the position before the last, or of the first where there is only one. The last "
        "position predicts what comes next: index −1.",
        [Edit("logits[:, -1]", "logits[:, max(logits.shape[1] - 2, 0)]", TALK)],
    ),
    Mistake(
        "returned after the first character",
        "You return in the first round of the loop: the text has one character. The return belongs after the loop.",
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
        "You return the last character only: each round overwrites the text before. Collect the characters.",
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
        "each new character separately.",
        [Edit('"".join(characters)', '"".join(characters[-context_length:])', TALK)],
    ),
    Mistake(
        "the cropped text returned",
        "You return what is left of the text after the last crop, with characters of the prompt in it and "
        "perhaps without new ones. Collect each new character separately.",
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
        "The first new character is missing from your text. Append each character in the round in which it is "
        "drawn, the first one, too.",
        [Edit('"".join(characters)', '"".join(characters[1:])', TALK)],
    ),
    Mistake(
        "written backwards",
        "Your text is reversed: append each new character after the earlier ones, text = text + character.",
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
        "Less likely characters are drawn more often in your text. Look for a minus in front of the logits, and "
        "leave it out.",
        [Edit(".softmax(dim=-1)", ".neg().softmax(dim=-1)", TALK)],
    ),
    Mistake(
        "sigmoid instead of softmax",
        "You apply a sigmoid to each logit separately. The probabilities are the softmax of all logits together.",
        [Edit(".softmax(dim=-1)", ".sigmoid()", TALK)],
    ),
    Mistake(
        "the most likely cannot come",
        "The most likely character is never drawn. Do not mask or skip it: draw from the softmax of all logits.",
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
        "only the two most likely",
        "You only draw one of the two most likely characters. Draw among all characters, each with its probability.",
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
        "You return the tokens' numbers: look up each character in int_to_char.",
        [Edit("int_to_char[int(token)]", "str(int(token))", TALK)],
    ),
]
