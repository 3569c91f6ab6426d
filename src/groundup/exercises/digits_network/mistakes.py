"""The known mistakes in the network that reads digits, as edits of `groundup.steps.c4_training.digits`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FORWARD, INIT = "DigitNetwork.forward", "DigitNetwork.__init__"
HIDDEN = "self.relu(self.first_linear(images))"
SCORES = "self.second_linear(self.drop(hidden))"
RESULT = 'return sigmoid(scores) if self.head == "sigmoid" else scores'
FIRST, SECOND = "Linear(features, hidden)", "Linear(hidden, classes)"
DROP = "nn.functional.dropout"


def forward(old: str, new: str) -> Edit:
    """Return an edit of the forward pass."""
    return Edit(old, new, FORWARD)


def build(old: str, new: str) -> Edit:
    """Return an edit of the constructor."""
    return Edit(old, new, INIT)


def end_with(result: str) -> list[Edit]:
    """Return the edit that makes something else of the scores."""
    return [forward(RESULT, f"return {result}")]


def activate(name: str, hidden: str) -> Mistake:
    """Return the mistake of another activation behind the first layer."""
    return Mistake(
        f"{name} instead of ReLU",
        f"Your hidden layer has {name}: ReLU is asked for there.",
        [forward(HIDDEN, hidden)],
    )


def drop_share(share: float, more: str = "") -> Mistake:
    """Return the mistake of another rate."""
    return Mistake(
        f"dropout of {share:g}",
        f"In training you drop with probability {share:g}: 0.2 is asked for.{more}",
        [build("Dropout(dropout)", f"Dropout({share})")],
    )


def use_nodes(count: int) -> Mistake:
    """Return the mistake of another hidden layer."""
    return Mistake(
        f"{count} hidden nodes",
        f"Your hidden layer has {count} nodes: 512 are asked for.",
        [build("hidden: int = 512", f"hidden: int = {count}")],
    )


ACTIVATIONS = [
    Mistake(
        "ReLU forgotten",
        "There is no ReLU between your layers: both together are then only one linear layer.",
        [forward(HIDDEN, "self.first_linear(images)")],
    ),
    activate("a sigmoid", "sigmoid(self.first_linear(images))"),
    activate("tanh", "self.first_linear(images).tanh()"),
    activate("a leaky ReLU", "nn.functional.leaky_relu(self.first_linear(images))"),
    activate("GELU", "nn.functional.gelu(self.first_linear(images))"),
    activate("SiLU", "nn.functional.silu(self.first_linear(images))"),
    activate("ELU", "nn.functional.elu(self.first_linear(images))"),
    activate("a softmax", "self.first_linear(images).softmax(dim=-1)"),
    Mistake(
        "softmax instead of the sigmoid",
        "Your ten outputs add up to one: that is a softmax. The network of the course ends in a sigmoid of each.",
        end_with("scores.softmax(dim=-1)"),
    ),
    Mistake(
        "log-softmax instead of the sigmoid",
        "Your last operation is a log-softmax, whose values are below 0. The network of the course ends in a "
        "sigmoid of each score (or in the scores themselves).",
        end_with("scores.log_softmax(dim=-1)"),
    ),
    Mistake(
        "softmax over the batch",
        "Your softmax runs over the pictures of the batch, so that one changes another. The network ends with a "
        "sigmoid of each score.",
        end_with("scores.softmax(dim=0)"),
    ),
    Mistake(
        "softmax before the sigmoid",
        "You apply a softmax and then a sigmoid. Apply only the sigmoid.",
        end_with("sigmoid(scores.softmax(dim=-1))"),
    ),
    Mistake(
        "ReLU at the end",
        "You cut the outputs off at 0: the last operation is the sigmoid (or nothing, for logits).",
        end_with("self.relu(scores)"),
    ),
    Mistake(
        "ReLU before the sigmoid",
        "A ReLU after your second layer cuts negative scores off, so that no output is below one half: leave it out.",
        end_with("sigmoid(self.relu(scores))"),
    ),
    Mistake(
        "sigmoid twice",
        "You apply the sigmoid twice to the outputs. Once is enough.",
        end_with("sigmoid(sigmoid(scores))"),
    ),
    Mistake(
        "tanh at the end",
        "Your last operation is tanh, which gives numbers from −1 to 1: a sigmoid gives numbers from 0 to 1.",
        end_with("scores.tanh()"),
    ),
    Mistake(
        "log-sigmoid at the end",
        "Your last operation is the logarithm of the sigmoid: the sigmoid itself is asked for.",
        end_with("sigmoid(scores).log()"),
    ),
    Mistake(
        "1 minus the sigmoid",
        "Your outputs fall where they should rise: it is 1 / (1 + exp(−score)).",
        end_with("sigmoid(-scores)"),
    ),
    Mistake(
        "the digit instead of the scores",
        "You return the most likely digit: return ten numbers for each picture.",
        end_with("scores.argmax(dim=-1)"),
    ),
    Mistake(
        "yes or no instead of the scores",
        "You round the outputs to 0 or 1: return the numbers between.",
        end_with("sigmoid(scores).round()"),
    ),
    Mistake(
        "rounded to 2 places",
        "You round to 2 decimal places. Keep at least 4 decimal places, or do not round.",
        end_with("sigmoid(scores).round(decimals=2)"),
    ),
    Mistake(
        "rounded to 3 places",
        "You round to 3 decimal places. Keep at least 4 decimal places, or do not round.",
        end_with("sigmoid(scores).round(decimals=3)"),
    ),
    Mistake(
        "rounded to 1 place",
        "You round to 1 decimal place. Keep at least 4 decimal places, or do not round.",
        end_with("sigmoid(scores).round(decimals=1)"),
    ),
    Mistake(
        "dimension of the batch lost",
        "A batch of one picture loses its first dimension: no squeeze, the result is always (B, 10).",
        end_with("sigmoid(scores).squeeze()"),
    ),
    Mistake(
        "dimension of the batch lost, logits",
        "A batch of one picture loses its first dimension: no squeeze, the result is always (B, 10).",
        end_with("scores.squeeze()"),
    ),
    Mistake(
        "averaged over the batch",
        "You average the outputs of the batch: each picture has ten of its own.",
        end_with("sigmoid(scores).mean(dim=0)"),
    ),
    Mistake(
        "pixels divided by 255",
        "You divide the pixels by 255 inside the network: it takes them as they come.",
        [forward(HIDDEN, "self.relu(self.first_linear(images / 255))")],
    ),
    Mistake(
        "pixels brought to mean 0 and standard deviation 1",
        "You normalize the pixels inside the network: it takes them as they come.",
        [forward(HIDDEN, "self.relu(self.first_linear((images - images.mean()) / images.std()))")],
    ),
    Mistake(
        "hidden nodes normalized",
        "You normalize the hidden nodes: there are only a ReLU and dropout between the layers.",
        [forward(HIDDEN, "nn.functional.layer_norm(self.relu(self.first_linear(images)), (512,))")],
    ),
]

DROPOUT = [
    Mistake(
        "dropout forgotten",
        "Nothing is dropped in training: dropout of 0.2 comes after the ReLU.",
        [forward(SCORES, "self.second_linear(hidden)")],
    ),
    Mistake(
        "evaluation mode set inside",
        "You call self.eval() inside, so that nothing is ever dropped, not even in training: the mode is set from outside.",
        [forward(f"hidden = {HIDDEN}", f"self.eval()\n        hidden = {HIDDEN}")],
    ),
    Mistake(
        "dropout active in evaluation",
        "You drop in evaluation as well. nn.Dropout as a layer, made in __init__, switches itself off; F.dropout "
        "needs training=self.training.",
        [forward("self.drop(hidden)", f"{DROP}(hidden, 0.2, True)")],
    ),
    Mistake(
        "dropout of 0.5 active in evaluation",
        "You drop in evaluation as well, and with probability 0.5. Make nn.Dropout(0.2) in __init__: it switches itself off.",
        [forward("self.drop(hidden)", f"{DROP}(hidden, 0.5, True)")],
    ),
    Mistake(
        "training mode set inside",
        "You call self.train() inside, so that nodes are dropped in evaluation, too: the mode is set from outside.",
        [forward(f"hidden = {HIDDEN}", f"self.train()\n        hidden = {HIDDEN}")],
    ),
    drop_share(0.5, " (nn.Dropout() without a number takes 0.5.)"),
    drop_share(0.8, " That is the share of the nodes that are off, not of those that stay on."),
    drop_share(0.1),
    drop_share(0.25),
    drop_share(0.3),
    drop_share(0.4),
    Mistake(
        "dropout not rescaled",
        "You do not divide the values that dropout keeps by 1 − 0.2, so the scores are smaller in training. "
        "nn.Dropout does that by itself.",
        [forward("self.drop(hidden)", "self.drop(hidden) * (0.8 if self.training else 1.0)")],
    ),
    Mistake(
        "pixels dropped",
        "You drop pixels: dropout comes after the ReLU, on the 512 hidden nodes.",
        [
            forward(HIDDEN, "self.relu(self.first_linear(self.drop(images)))"),
            forward(SCORES, "self.second_linear(hidden)"),
        ],
    ),
    Mistake(
        "pixels and hidden nodes dropped",
        "You drop pixels, too: dropout comes after the ReLU alone, on the 512 hidden nodes.",
        [forward(HIDDEN, "self.relu(self.first_linear(self.drop(images)))")],
    ),
    Mistake(
        "scores dropped",
        "You drop scores, so a digit's answer is missing at random: dropout comes after the ReLU, on the 512 "
        "hidden nodes.",
        [forward(SCORES, "self.drop(self.second_linear(hidden))")],
    ),
    Mistake(
        "hidden nodes and scores dropped",
        "You drop scores, too, so a digit's answer is missing at random: dropout comes after the ReLU alone.",
        [forward(SCORES, "self.drop(self.second_linear(self.drop(hidden)))")],
    ),
    Mistake(
        "dropped twice",
        "You apply dropout twice to the hidden nodes. Once is enough.",
        [forward("self.drop(hidden)", "self.drop(self.drop(hidden))")],
    ),
    Mistake(
        "outputs dropped",
        "You drop outputs after the sigmoid, so a digit's answer is missing at random: dropout comes after the ReLU.",
        [
            forward(SCORES, "self.second_linear(hidden)"),
            forward(RESULT, 'return self.drop(sigmoid(scores)) if self.head == "sigmoid" else self.drop(scores)'),
        ],
    ),
]

WEIGHTS = [
    *map(use_nodes, (256, 128, 1024, 784)),
    Mistake(
        "bias left out",
        "Your linear layers have no bias: leave it on, which is the default of nn.Linear.",
        [build(FIRST, "Linear(features, hidden, bias=False)"), build(SECOND, "Linear(hidden, classes, bias=False)")],
    ),
    Mistake(
        "bias of the first layer left out",
        "Your first linear layer has no bias: leave it on, which is the default of nn.Linear.",
        [build(FIRST, "Linear(features, hidden, bias=False)")],
    ),
    Mistake(
        "bias of the second layer left out",
        "Your second linear layer has no bias: leave it on, which is the default of nn.Linear.",
        [build(SECOND, "Linear(hidden, classes, bias=False)")],
    ),
    Mistake(
        "a hidden layer too many",
        "You have a second hidden layer of 512 nodes: there are two linear layers alone.",
        [
            build("self.head = head", "self.head = head\n        self.extra = Linear(hidden, hidden)"),
            forward(HIDDEN, "self.relu(self.extra(self.relu(self.first_linear(images))))"),
        ],
    ),
    Mistake(
        "first layer detached",
        "The output is right, but no gradient reaches the first layer, so it never learns: something is detached or computed "
        "under no_grad.",
        [forward("self.drop(hidden)", "self.drop(hidden.detach())")],
    ),
]

MISTAKES = [*ACTIVATIONS, *DROPOUT, *WEIGHTS]
