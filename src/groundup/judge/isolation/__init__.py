"""Processes for answers: limited, fenced off, and asked over a pipe."""
