"""What the `db` commands and the people commands do with a project's database."""
