"""The learner's own parts inside a real model."""
