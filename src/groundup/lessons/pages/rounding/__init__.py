"""The lesson on rounding weights: whole numbers and scales, a rounded table of letters, and a rounded GPT."""
