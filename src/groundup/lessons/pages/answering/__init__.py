"""The lesson on answering: a small GPT that continues texts goes on learning from questions and answers."""
