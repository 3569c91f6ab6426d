"""One neuron: a weighted sum, an activation, and the chain rule."""
