"""The lesson on preferences: a model that only learns which of two answers is better."""
