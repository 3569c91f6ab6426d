"""Formulas that a person types: read safely, differentiated, evaluated on many points."""
