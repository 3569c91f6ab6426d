"""What keeps a model from learning by heart: weight decay and dropout."""
