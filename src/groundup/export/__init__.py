"""Ways out of a run folder, and in: other tools' formats."""
