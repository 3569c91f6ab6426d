"""The lesson on sampling."""
