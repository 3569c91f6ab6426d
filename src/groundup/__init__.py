"""groundup: from gradient descent to a GPT you trained yourself, offline, on a laptop."""

__version__ = "0.1.0"
