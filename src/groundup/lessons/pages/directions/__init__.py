"""Lesson: gradient descent along several directions."""
