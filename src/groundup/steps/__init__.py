"""The course, one idea a file: each reads top to bottom beside its mathematics."""
