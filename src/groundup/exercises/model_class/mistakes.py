"""What goes wrong in a model as a class: activations, sizes, layers, and what PyTorch does not find."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FORWARD, INIT = "Network.forward", "Network.__init__"
LAYER, LAST = "x = relu(layer(x))", "return self.layers[-1](x)"
LOOP = "for layer in self.layers[:-1]:"
MAKE = "nn.ModuleList(Linear(features, nodes) for features, nodes in pairwise(sizes))"
SIZES = "sizes: Sequence[int] = (4, 6, 6, 2)"


def forward(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the forward pass."""
    return Mistake(name, says, [Edit(old, new, FORWARD)])


def build(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the constructor."""
    return Mistake(name, says, [Edit(old, new, INIT)])


ACTIVATIONS = [
    forward(
        "no ReLU",
        "There is no ReLU between your layers: all three together are then only one linear layer. Apply it after the first and after the second.",
        LAYER,
        "x = layer(x)",
    ),
    forward(
        "ReLU after the last layer, too",
        "You apply ReLU to the outputs, so they are never negative. The last layer has no activation.",
        LAST,
        "return relu(self.layers[-1](x))",
    ),
    forward(
        "no ReLU after the second layer",
        "ReLU is missing after the second layer. It stands after every layer but the last.",
        LAYER,
        "x = relu(layer(x)) if layer is self.layers[0] else layer(x)",
    ),
    forward(
        "no ReLU after the first layer",
        "ReLU is missing after the first layer. It stands after every layer but the last.",
        LAYER,
        "x = layer(x) if layer is self.layers[0] else relu(layer(x))",
    ),
    forward(
        "sigmoid instead of ReLU",
        "You use a sigmoid between the layers: ReLU is asked for.",
        LAYER,
        "x = torch.sigmoid(layer(x))",
    ),
    forward(
        "tanh instead of ReLU", "You use tanh between the layers: ReLU is asked for.", LAYER, "x = torch.tanh(layer(x))"
    ),
    forward(
        "GELU instead of ReLU",
        "You use GELU between the layers: ReLU is asked for.",
        LAYER,
        "x = nn.functional.gelu(layer(x))",
    ),
    forward(
        "a leaky ReLU",
        "You use a leaky ReLU between the layers: ReLU is 0 below 0.",
        LAYER,
        "x = nn.functional.leaky_relu(layer(x))",
    ),
    forward(
        "ReLU before the layer",
        "You apply ReLU to what goes into a layer. It is applied to what comes out.",
        LAYER,
        "x = layer(relu(x))",
    ),
    forward(
        "softmax at the end",
        "You end with a softmax. The outputs are those of the last layer as they are.",
        LAST,
        "return self.layers[-1](x).softmax(-1)",
    ),
    forward(
        "sigmoid at the end",
        "You end with a sigmoid. The outputs are those of the last layer as they are.",
        LAST,
        "return self.layers[-1](x).sigmoid()",
    ),
    forward(
        "log-softmax at the end",
        "You end with a log-softmax. The outputs are those of the last layer as they are.",
        LAST,
        "return self.layers[-1](x).log_softmax(-1)",
    ),
]

LAYERS = [
    forward(
        "the second layer applied twice",
        "You use the second layer where it does not belong: it is applied once.",
        LOOP,
        "for layer in [self.layers[0], self.layers[1], self.layers[1]]:",
    ),
    forward(
        "the second layer never used",
        "Your second layer is made but never used.",
        LOOP,
        "for layer in self.layers[:1]:",
    ),
    forward(
        "the second layer's input added to its output",
        "You add the input of the second layer to its output, as in a residual network. Here the layers simply follow each other.",
        LAYER,
        "x = relu(layer(x)) + (x if x.shape[-1] == 6 else 0)",
    ),
    build(
        "one hidden layer only",
        "Your network has one hidden layer: 4 → 6 → 6 → 2 has two.",
        SIZES,
        SIZES.replace("6, 6", "6"),
    ),
    build(
        "three hidden layers",
        "Your network has three hidden layers: 4 → 6 → 6 → 2 has two.",
        SIZES,
        SIZES.replace("6, 6", "6, 6, 6"),
    ),
    build(
        "hidden layers of 8 nodes",
        "Your hidden layers have 8 nodes: 6 are asked for.",
        SIZES,
        SIZES.replace("6, 6", "8, 8"),
    ),
    build(
        "hidden layers of 4 nodes",
        "Your hidden layers have 4 nodes: 6 are asked for.",
        SIZES,
        SIZES.replace("6, 6", "4, 4"),
    ),
    build(
        "layers in a plain list",
        "You keep the layers in a plain list or dictionary, in which PyTorch does not find them: they are not trained, saved or moved. Make them "
        "attributes of the module, or use nn.ModuleList or nn.Sequential.",
        f"self.layers = {MAKE}",
        f"self.layers = {MAKE.replace('nn.ModuleList(', '[')[:-1]}]",
    ),
    build(
        "no biases",
        "Your layers have no biases: each adds one number per node. Leave out bias=False.",
        "Linear(features, nodes)",
        "Linear(features, nodes, bias=False)",
    ),
    build(
        "no bias in the last layer",
        "Your last layer has no bias: each of the three adds one number per node. Leave out bias=False.",
        "Linear(features, nodes)",
        "Linear(features, nodes, bias=nodes != 2)",
    ),
    Mistake(
        "a layer made in every call",
        "You make a layer in forward: it has new random weights in every call, and PyTorch cannot train them. Make all layers in __init__.",
        [
            Edit(MAKE, "nn.ModuleList([Linear(4, 6), Linear(6, 2)])", INIT),
            Edit(LOOP, "for layer in [self.layers[0], Linear(6, 6)]:", FORWARD),
        ],
    ),
    build("one output", "Your network has one output: 2 are asked for.", SIZES, SIZES.replace("6, 2", "6, 1")),
]

RESULT = [
    forward("the outputs added up", "You add up the outputs. Return both.", LAST, "return self.layers[-1](x).sum(-1)"),
    forward(
        "the larger output's place",
        "You return which output is larger. Return the outputs themselves.",
        LAST,
        "return self.layers[-1](x).argmax(-1)",
    ),
    forward(
        "rows and columns exchanged",
        "Your result has the shape (2, B): one row per example is asked for.",
        LAST,
        "return self.layers[-1](x).T",
    ),
    forward(
        "the hidden nodes returned",
        "You return the nodes of the second layer. The last layer makes 2 outputs of them.",
        LAST,
        "return x",
    ),
    forward(
        "no gradient",
        "The outputs are right, but no gradient comes back to the weights. Look for detach(), numpy(), item() or torch.no_grad().",
        LAST,
        "return self.layers[-1](x).detach()",
    ),
    forward(
        "no gradient into the hidden layers",
        "The outputs are right, but no gradient comes back to the first two layers. Look for detach() or a new tensor made of old values.",
        LAST,
        "return self.layers[-1](x.detach())",
    ),
    forward(
        "dropout inside",
        "You drop nodes, also in evaluation. Nothing is dropped here.",
        LAYER,
        "x = nn.functional.dropout(relu(layer(x)), 0.5)",
    ),
]

MISTAKES = [*ACTIVATIONS, *LAYERS, *RESULT]
