"""What each example wishes: nudges that are handed back through two layers."""
