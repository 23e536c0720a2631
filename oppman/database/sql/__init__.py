"""SQL typed by a person: split, run and shown, with the standard library and asyncpg alone."""
