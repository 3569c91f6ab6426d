"""Tensors, their shapes, and a model as a class."""
