"""The five lines that train everything."""
