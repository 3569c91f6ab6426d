"""A learning rate that changes from step to step, and gradients that are clipped."""
