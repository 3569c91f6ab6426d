"""From x² to a talking GPT in a few minutes: every job once, on built-in data, and one report of it all."""
