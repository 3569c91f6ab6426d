"""Backpropagation: gradients flow back through a graph."""
