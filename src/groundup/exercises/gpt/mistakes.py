"""The known mistakes in a GPT, as edits of `groundup.steps.c6_gpt.gpt` and of what is inside."""

from __future__ import annotations

from groundup.exercises.attention_mistakes import change_result, in_turns, without
from groundup.exercises.block_mistakes import ADDITIONS, DROPOUTS, FEEDS, INSIDE, NORMS
from groundup.judge.exercise import Edit, Mistake

GPT = "groundup.steps.c6_gpt.gpt"
MODEL, BUILD, SHOWN = "GPT.forward", "GPT.__init__", ("built with", "inputs", "seed")

# The lines of the model that several mistakes change.
PLACES = "torch.arange(start, end, device=tokens.device)"
LOOKED_UP = f"self.position_embedding({PLACES})"
ADDED = f"x = x + {LOOKED_UP}"
EMBEDDED = "x = self.token_embedding(tokens)"
APPLIED = "x = block(x) if"

LOGITS = "return self.output(self.final_norm(x))"

BLOCK_MISTAKES = in_turns(
    INSIDE,
    ADDITIONS,
    # What is missing is told by its name.
    without(NORMS, "norms without scale and shift", "RMS norms"),
    without(FEEDS, "first map of the feed-forward without a bias"),
    without(DROPOUTS, "dropout forgotten"),
)

OUTPUT = "self.output = Linear(settings.width, settings.vocabulary, bias=plain)"

OWN = [
    Mistake(
        "the last map tied to the embedding",
        "Your last map has the weights of the token embedding (weight tying, as in GPT-2). Here it has weights of its own.",
        [Edit(OUTPUT, f"{OUTPUT}\n        self.output.weight = self.token_embedding.weight", BUILD)],
    ),
    Mistake(
        "positions forgotten",
        "You add no position embedding. Without it a block knows which tokens came before, but not in what order: "
        "at the full stop of “dog bites "
        "man.” it returns the same as at that of “man bites dog.”",
        [Edit(ADDED, "pass", MODEL)],
    ),
    Mistake(
        "every position the first",
        "Every token gets the embedding of position 0: the positions are 0, 1, 2, … T − 1.",
        [Edit(PLACES, "torch.zeros(end, dtype=torch.int64)", MODEL)],
    ),
    Mistake(
        "positions looked up by token",
        "You look the position embedding up with the token's number: look it up with its position, 0 … T − 1.",
        [Edit(PLACES, "tokens.clamp(max=self.settings.context - 1)", MODEL)],
    ),
    Mistake(
        "positions multiplied",
        "You multiply token and position embedding: they are added.",
        [Edit(ADDED, ADDED.replace("+", "*"), MODEL)],
    ),
    Mistake(
        "positions backwards",
        "Your positions run backwards: the first token has position 0.",
        [Edit(PLACES, "torch.arange(end).flip(0)", MODEL)],
    ),
    Mistake(
        "positions from the end of the table",
        "You take the last T rows of the position table. The first token has position 0: take the rows 0 … T − 1.",
        [Edit(PLACES, "torch.arange(self.settings.context - tokens.shape[1], self.settings.context)", MODEL)],
    ),
    Mistake(
        "last norm forgotten",
        "The final norm is missing: normalize the output of the last block before it is mapped to logits.",
        [Edit("self.output(self.final_norm(x))", "self.output(x)", MODEL)],
    ),
    Mistake(
        "norm before the first block, too",
        "You apply the final norm before the blocks as well: it comes once, after the last one.",
        [
            Edit(
                "for block in self.blocks:",
                "x = self.final_norm(x)\n        for block in self.blocks:",
                MODEL,
            )
        ],
    ),
    Mistake(
        "the last block left out",
        "One of your {blocks} blocks is not used. Look for a slice or a range that ends one too early: every "
        "block is applied.",
        [Edit("for block in self.blocks:", "for block in self.blocks[:-1]:", MODEL)],
    ),
    Mistake(
        "one block, repeated",
        "Your {blocks} blocks are one and the same, with one set of weights: [Block()] * n repeats a block, it "
        "does not build n of them. Build one in every round of a loop.",
        [
            Edit(
                "nn.ModuleList(make_block(settings, layer) for layer in range(settings.layers))",
                "nn.ModuleList([make_block(settings, 0)] * settings.layers)",
                BUILD,
            )
        ],
    ),
    Mistake(
        "blocks side by side",
        "Each of your blocks reads the embeddings: each reads what the one before it returned.",
        [
            Edit("for block in self.blocks:", "begun = x\n        for block in self.blocks:", MODEL),
            Edit(APPLIED, "x = block(begun) if", MODEL),
        ],
    ),
    Mistake(
        "blocks in reverse order",
        "Your blocks run from the last to the first. Apply them in the order of the list: `for block in "
        "self.blocks`. (Is the loop or the list reversed?)",
        [Edit("for block in self.blocks:", "for block in self.blocks[::-1]:", MODEL)],
    ),
    Mistake(
        "softmax over the wrong dimension",
        "Your probabilities add up to one over the tokens of the text. They belong to the {V} tokens of the "
        "vocabulary, the last dimension. (Better return the logits: the loss needs those.)",
        [
            Edit(
                "return self.output(self.final_norm(x))",
                "return self.output(self.final_norm(x)).softmax(-2)",
                MODEL,
            )
        ],
    ),
    Mistake(
        "positions of the whole context",
        "You add the positions of a whole context, which fits no shorter text: take as many positions as the text "
        "has tokens, "
        "0 … T − 1.",
        [Edit(PLACES, "torch.arange(self.settings.context)", MODEL)],
    ),
    Mistake(
        "positions counted over the batch",
        "You count the texts instead of their positions: positions are 0 … T − 1, and T is the second dimension "
        "of the tokens.",
        [
            Edit(
                LOOKED_UP,
                "self.position_embedding(torch.arange(len(tokens)).clamp(max=self.settings.context - 1))[:, None]",
                MODEL,
            )
        ],
    ),
    Mistake(
        "positions counted over the batch, along the positions",
        "You count the texts instead of their positions: positions are 0 … T − 1, and T is the second dimension "
        "of the tokens.",
        [Edit(PLACES, "torch.arange(tokens.shape[0])", MODEL)],
    ),
    Mistake(
        "positions from 1",
        "Your positions begin at 1. The first is 0, and a text as long as the context has no position T.",
        [Edit(PLACES, "torch.arange(1, end + 1)", MODEL)],
    ),
    Mistake(
        "positions from 1, the last one twice",
        "Your positions begin at 1, and in a text as long as the context two tokens share the last one. The first is 0.",
        [Edit(PLACES, "torch.arange(1, end + 1).clamp(max=self.settings.context - 1)", MODEL)],
    ),
    Mistake(
        "positions looked up by token, in a table of the vocabulary's size",
        "You look the position embedding up with the token's number: look it up with its position, 0 … T − 1, in "
        "a table of context_length rows.",
        [
            Edit(
                "Embedding(settings.context, settings.width)", "Embedding(settings.vocabulary, settings.width)", BUILD
            ),
            Edit(PLACES, "tokens", MODEL),
        ],
    ),
    Mistake(
        "a position table of the vocabulary's size",
        "Your position embedding has a row for each token of the vocabulary: it has one for each position, "
        "context_length.",
        [Edit("Embedding(settings.context, settings.width)", "Embedding(settings.vocabulary, settings.width)", BUILD)],
    ),
    Mistake(
        "positions added without tokens",
        "You embed the positions but not the tokens: both are added.",
        [Edit(ADDED, f"x = {LOOKED_UP}.expand(len(tokens), -1, -1)", MODEL)],
    ),
    Mistake(
        "positions halved with the tokens",
        "You average token and position embedding: they are added.",
        [Edit(ADDED, f"x = (x + {LOOKED_UP}) / 2", MODEL)],
    ),
    Mistake(
        "token embedding times √C",
        "You multiply the token embedding by √{C}, as the transformer of 2017 did: here it is added as it is.",
        [Edit(EMBEDDED, f"{EMBEDDED} * self.settings.width**0.5", MODEL)],
    ),
    Mistake(
        "both embeddings times √C",
        "You multiply the embeddings by √{C}. Here they are added as they are.",
        [Edit(ADDED, f"x = (x + {LOOKED_UP}) * self.settings.width**0.5", MODEL)],
    ),
    Mistake(
        "last norm before the blocks",
        "You normalize before the first block instead of after the last one. Normalize the output of the last "
        "block before it is mapped to logits.",
        [
            Edit(
                "for block in self.blocks:",
                "x = self.final_norm(x)\n        for block in self.blocks:",
                MODEL,
            ),
            Edit("self.output(self.final_norm(x))", "self.output(x)", MODEL),
        ],
    ),
    Mistake(
        "last norm after each block",
        "You apply the final norm after every block: it comes once, after the last one.",
        [Edit(APPLIED, "x = self.final_norm(block(x)) if", MODEL)],
    ),
    Mistake(
        "last norm without scale and shift",
        "Your final norm has no scale and no shift: nn.LayerNorm(C) has both.",
        [
            Edit(
                "(RMSNorm if modern else LayerNorm)(settings.width, settings.norm_epsilon)",
                "nn.LayerNorm(settings.width, elementwise_affine=False)",
                BUILD,
            )
        ],
    ),
    Mistake(
        "no last norm made",
        "The final norm is missing: apply an nn.LayerNorm(C) to the output of the last block before it is mapped "
        "to logits.",
        [
            Edit(
                "        self.final_norm = (RMSNorm if modern else LayerNorm)(settings.width, settings.norm_epsilon)\n",
                "",
                BUILD,
            ),
            Edit("self.output(self.final_norm(x))", "self.output(x)", MODEL),
        ],
    ),
    Mistake(
        "last map without a bias",
        "Your last linear map, from {C} to {V}, has no bias. GPT-2 has none either, but here it is required.",
        [Edit("bias=plain", "bias=False", BUILD)],
    ),
    Mistake(
        "no blocks at all",
        "Your blocks are not used: each reads what the one before it returned, x = block(x).",
        [Edit(APPLIED, "block(x) if", MODEL)],
    ),
    Mistake(
        "one block too few made",
        "You make one block too few: there are {blocks}. range(n) counts from 0 to n − 1, which is n rounds.",
        [Edit("range(settings.layers)", "range(settings.layers - 1)", BUILD)],
    ),
    Mistake(
        "one block too many made",
        "You make one block too many: there are {blocks}. range(n) counts from 0 to n − 1, which is n rounds.",
        [Edit("range(settings.layers)", "range(settings.layers + 1)", BUILD)],
    ),
    Mistake(
        "one block only",
        "You make one block: there are {blocks}, one after the other.",
        [Edit("range(settings.layers)", "range(1)", BUILD)],
    ),
    Mistake(
        "as many blocks as heads",
        "You make num_heads blocks: make num_blocks of them.",
        [Edit("range(settings.layers)", "range(settings.heads)", BUILD)],
    ),
    Mistake(
        "blocks in a plain list",
        "You keep the blocks in a plain list, in which PyTorch does not find them: they are not trained, saved or "
        "moved. Use "
        "nn.ModuleList or nn.Sequential.",
        [
            Edit(
                "self.blocks = nn.ModuleList(make_block(settings, layer) for layer in range(settings.layers))",
                "self.blocks = [make_block(settings, layer).eval() for layer in range(settings.layers)]",
                BUILD,
            )
        ],
    ),
    Mistake(
        "sigmoid on the logits",
        "You put a sigmoid after the logits. Return them as they are: the loss needs logits.",
        [Edit(LOGITS, "return self.output(self.final_norm(x)).sigmoid()", MODEL)],
    ),
    Mistake(
        "ReLU on the logits",
        "You put a ReLU after the logits, which cuts off what is negative. Return them as they are.",
        [Edit(LOGITS, "return self.output(self.final_norm(x)).relu()", MODEL)],
    ),
    Mistake(
        "log-softmax of the logits",
        "You return the logarithms of the probabilities (log_softmax). Return the logits as they are.",
        [Edit(LOGITS, "return self.output(self.final_norm(x)).log_softmax(-1)", MODEL)],
    ),
    Mistake(
        "softmax over the batch",
        "Your probabilities add up to one over the texts of the batch. They belong to the {V} tokens of the "
        "vocabulary, the last dimension. (Better return the logits: the loss needs those.)",
        [Edit(LOGITS, "return self.output(self.final_norm(x)).softmax(0)", MODEL)],
    ),
    Mistake(
        "the most likely tokens instead of logits",
        "You return the most likely token's number at each position. The logits are asked for: shape (B, T, V).",
        [Edit(LOGITS, "return self.output(self.final_norm(x)).argmax(-1)", MODEL)],
    ),
    Mistake(
        "dropout on the embeddings",
        "In training you drop a part of the embeddings. GPT-2 does so, but here only the feed-forward ends in a "
        "dropout.",
        [
            Edit(
                "        for block in self.blocks:",
                "        x = nn.functional.dropout(x, 0.2, self.training)\n        for block in self.blocks:",
                MODEL,
            )
        ],
    ),
]

MISTAKES = [
    *in_turns(OWN, without(BLOCK_MISTAKES, "softmax over the batch", "heads joined along the batch")),
    *change_result("self.output(self.final_norm(x))", MODEL, GPT, "logits"),
]
