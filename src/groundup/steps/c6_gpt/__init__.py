"""Chapter 6, GPT: attention, the transformer block, and a model that talks."""
