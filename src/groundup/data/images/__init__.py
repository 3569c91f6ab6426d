"""Pictures with their labels."""
