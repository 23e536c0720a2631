"""What is in a database: tables, rows, sizes, indexes, and what about them deserves attention."""
