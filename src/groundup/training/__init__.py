"""The one training loop and what stands around it: optimisers, schedules, precision, checkpoints, run folders."""
