"""The lesson on normalization: signals with and without a norm, and what each norm takes the mean over."""
