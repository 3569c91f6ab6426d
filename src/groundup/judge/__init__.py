"""Judges a learner's answer: runs it in a process of its own, compares, shrinks, and names what is wrong."""
