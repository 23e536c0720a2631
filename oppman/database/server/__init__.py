"""A PostgreSQL server of the project's own: no port, a folder for its data and a socket to reach it."""
