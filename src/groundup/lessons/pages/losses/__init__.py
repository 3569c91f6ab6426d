"""Lesson: softmax and cross-entropy."""
