"""Faster forms of the steps: each module opens with the step that it equals."""
