"""The lesson on changes of low rank: a trained layer goes on learning through two thin matrices (LoRA)."""
