"""Answers are read by tests as texts: they are no modules of the suite, and may need what is not installed."""

collect_ignore = ["answers", "wrong"]
