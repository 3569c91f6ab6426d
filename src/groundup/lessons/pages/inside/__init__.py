"""The lesson that looks inside a trained GPT."""
