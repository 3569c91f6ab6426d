"""Lesson: linear regression."""
