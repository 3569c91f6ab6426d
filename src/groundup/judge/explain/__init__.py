"""Explains what is wrong with an answer: known mistakes, small changes, what its values show, and the sentences."""
