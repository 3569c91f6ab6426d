"""The lesson on initialization: signals in deep networks before their training, and what becomes of them."""
