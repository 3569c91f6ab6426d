"""The lesson on reading digits: a board to draw on, hidden nodes, and a test."""
