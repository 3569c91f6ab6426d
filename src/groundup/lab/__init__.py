"""The local web server: the map of the course, lessons, runs that move, and playgrounds."""
