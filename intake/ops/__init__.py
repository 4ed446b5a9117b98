"""Running a server: what is checked before it starts."""
