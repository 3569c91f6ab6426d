"""Practice made from what the judge knows: questions and bugs out of known mistakes, and reviews on the right days."""
