"""Chapter 7, Beyond: a GPT that goes on learning, answers, and runs faster."""
