"""The course, one idea per file: each file can be read from top to bottom next to its mathematics."""
