"""Lessons: a marimo notebook for each step, plain Python files that also run as scripts."""
