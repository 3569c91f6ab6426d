"""Judges a learner's answer: runs it in its own process, compares it, shrinks failing cases, and names mistakes."""
