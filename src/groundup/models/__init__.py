"""Models that extend the steps, or compute the same faster; ``EQUALS`` names the steps that a module must equal."""
