"""The lessons that are pages: a folder each, with its text, its views and how they are drawn."""
