"""DdD's Public API: the one socket, its routes, and its answers as types."""
