"""Alembic's folder: its environment and one file for each change of the schema."""
