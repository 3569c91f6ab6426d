"""The exercises: a folder each, with statement, stub, hints, checks and known mistakes."""
