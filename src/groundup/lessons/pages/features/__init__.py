"""Many features: one matrix product, and a weight for each."""
