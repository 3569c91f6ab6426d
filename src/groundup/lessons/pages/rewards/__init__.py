"""The lesson on learning from reward: a small policy that is only told how good its answers were, and its loss."""
