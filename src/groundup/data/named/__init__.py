"""Data by name: the catalogue, and how it is downloaded, checked and unpacked."""
