"""Formulas that a user types: they are parsed safely, differentiated, and evaluated at many points."""
