"""How far each step goes: plain descent, momentum and Adam."""
