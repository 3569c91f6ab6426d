"""Labelled sentences, and texts cut into words."""
