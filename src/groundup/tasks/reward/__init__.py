"""The reward task: a GPT that learns sums from rewards of its own answers, without being shown a right one."""
