"""The chat task: a GPT goes on learning from dialogues, and answers."""
