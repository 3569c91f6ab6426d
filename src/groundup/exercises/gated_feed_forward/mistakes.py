"""The known mistakes in the gated feed-forward, as edits of `groundup.steps.c6_gpt.transformer`."""

from __future__ import annotations

from groundup.exercises.attention_mistakes import change_result
from groundup.judge.exercise import Edit, Mistake

TRANSFORMER = "groundup.steps.c6_gpt.transformer"
CLASS, FEED = "GatedFeedForward", "GatedFeedForward.forward"
GATED = "functional.silu(self.gate(x)) * self.expand(x)"
MAPS = {
    "gate": "self.gate = Linear(width, hidden, bias=False)",
    "expand": "self.expand = Linear(width, hidden, bias=False)",
    "contract": "self.contract = Linear(hidden, width, bias=False)",
}


def feed_edit(new: str) -> Edit:
    """Return an edit of what goes through the feed-forward's last map."""
    return Edit(GATED, new, FEED)


def return_edit(new: str) -> Edit:
    """Return an edit of what the feed-forward returns."""
    return Edit(f"return self.contract({GATED})", f"return {new}", FEED)


# The block of today's models has them inside.
FEEDS = [
    Mistake(
        "the gate without SiLU",
        "You multiply gate(x) and expand(x) without an activation: the gate goes through SiLU first.",
        [feed_edit("self.gate(x) * self.expand(x)")],
    ),
    *(
        Mistake(
            f"{name} instead of SiLU",
            f"Your gate goes through {name}. SiLU is asked for: z · sigmoid(z), functional.silu.",
            [Edit("functional.silu(self.gate(x))", new, FEED)],
        )
        for name, new in (
            ("sigmoid", "self.gate(x).sigmoid()"),
            ("ReLU", "functional.relu(self.gate(x))"),
            ("GELU", "functional.gelu(self.gate(x))"),
            ("tanh", "self.gate(x).tanh()"),
        )
    ),
    Mistake(
        "gate and expansion added",
        "You add SiLU(gate(x)) and expand(x): they are multiplied.",
        [feed_edit(GATED.replace("*", "+"))],
    ),
    Mistake(
        "SiLU after the product",
        "You apply SiLU to the product of gate and expansion. Only the gate goes through it: SiLU(gate(x)) · expand(x).",
        [feed_edit("functional.silu(self.gate(x) * self.expand(x))")],
    ),
    Mistake(
        "SiLU on both",
        "You apply SiLU to gate and expansion. Only the gate goes through it: SiLU(gate(x)) · expand(x).",
        [feed_edit("functional.silu(self.gate(x)) * functional.silu(self.expand(x))")],
    ),
    Mistake(
        "SiLU on the expansion, not the gate",
        "You apply SiLU to the expansion. The gate goes through it: SiLU(gate(x)) · expand(x).",
        [feed_edit("self.gate(x) * functional.silu(self.expand(x))")],
    ),
    Mistake(
        "the gate left out",
        "Your feed-forward does not use the gate: SiLU(gate(x)) · expand(x).",
        [feed_edit("functional.silu(self.expand(x))")],
    ),
    Mistake(
        "the expansion left out",
        "Your feed-forward does not use the expansion: SiLU(gate(x)) · expand(x).",
        [feed_edit("functional.silu(self.gate(x))")],
    ),
    Mistake(
        "a residual inside the feed-forward",
        "Your feed-forward adds its input to its result. Return the result alone: the block adds it to x, not to the "
        "normalized x.",
        [Edit("return self.contract(", "return x + self.contract(", FEED)],
    ),
    Mistake(
        "SiLU on the result",
        "You apply SiLU to the feed-forward's result. Only the gate goes through it.",
        [Edit(f"self.contract({GATED})", f"functional.silu(self.contract({GATED}))", FEED)],
    ),
]

MORE = [
    Mistake(
        "SiLU written with e^z for e^(−z)",
        "Your sigmoid is 1 / (1 + e^z), which falls: it is 1 / (1 + e^(−z)).",
        [feed_edit("self.gate(x) * (-self.gate(x)).sigmoid() * self.expand(x)")],
    ),
    Mistake(
        "the gate multiplied after the last map",
        "You send only the expansion through the last map and multiply afterwards: the product goes through the last map.",
        [return_edit("self.contract(self.expand(x)) * self.contract(functional.silu(self.gate(x)))")],
    ),
    Mistake(
        "softmax instead of SiLU",
        "Your gate goes through a softmax, so that its channels compete: SiLU works on each number alone.",
        [feed_edit("self.gate(x).softmax(dim=-1) * self.expand(x)")],
    ),
    Mistake(
        "a gate on the tokens' average",
        "Your gate reads the average of the tokens: a feed-forward reads each token alone.",
        [feed_edit("functional.silu(self.gate(x.mean(dim=1, keepdim=True))) * self.expand(x)")],
    ),
    Mistake(
        "the input normalized",
        "You normalize the input. The block does so before it calls the feed-forward: here x goes in as it is.",
        [
            Edit(
                "return self.contract(",
                "x = functional.layer_norm(x, x.shape[-1:])\n        return self.contract(",
                FEED,
            )
        ],
    ),
    *(
        Mistake(
            f"dropout of {rate} in training",
            "In training you drop a part of the channels. None is asked for here: the block does it after the feed-forward.",
            [return_edit(f"functional.dropout(self.contract({GATED}), {rate}, self.training)")],
        )
        for rate in (0.1, 0.2)
    ),
    Mistake(
        "the gate detached",
        "The result is right, but no gradient reaches the gate's map, so it never learns: look for detach(), no_grad() or a new tensor.",
        [feed_edit("functional.silu(self.gate(x)).detach() * self.expand(x)")],
    ),
    Mistake(
        "the expansion detached",
        "The result is right, but no gradient reaches the expansion's map, so it never learns: look for detach(), no_grad() or a new tensor.",
        [feed_edit("functional.silu(self.gate(x)) * self.expand(x).detach()")],
    ),
    Mistake(
        "layers in a plain list",
        "You keep the maps in a plain list or dictionary, in which PyTorch does not find them: they are not trained, saved or moved. "
        "Make them attributes of the module, or use nn.ModuleList or nn.ModuleDict.",
        [
            *(
                Edit(made, made.replace(" = ", "_ = [").replace("bias=False)", "bias=False)]"), CLASS)
                for made in MAPS.values()
            ),
            return_edit(
                f"self.contract_[0]({GATED.replace('self.gate', 'self.gate_[0]').replace('self.expand', 'self.expand_[0]')})"
            ),
        ],
    ),
]

BIASES = [
    Mistake(
        f"a bias in {where}",
        f"{said} a bias, which nn.Linear adds unless it is told bias=False: none is asked for.",
        [Edit(MAPS[name], MAPS[name].replace(", bias=False", ""), CLASS) for name in names],
    )
    for where, said, names in (
        ("all maps", "All your maps have", tuple(MAPS)),
        ("gate and expansion", "Your maps gate and expand have", ("gate", "expand")),
        *((f"the map {name}", f"Your map {name} has", (name,)) for name in MAPS),
    )
]

MISTAKES = [*FEEDS, *MORE, *BIASES, *change_result(f"self.contract({GATED})", FEED, TRANSFORMER)]
