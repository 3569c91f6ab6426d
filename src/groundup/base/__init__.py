"""The base of all other packages: errors, safe writing of files, progress, paths."""
