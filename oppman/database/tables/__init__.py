"""The tables of a database as its own catalog describes them, without the project's models."""
