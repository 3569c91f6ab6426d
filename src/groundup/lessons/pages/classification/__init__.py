"""Lesson: logistic regression."""
