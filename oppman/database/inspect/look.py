"""The catalog of a project's database."""

from oppman.database import address
from oppman.database.inspect import postgres, sqlite
from oppman.database.inspect.catalog import Catalog
from oppman.database.sql.connection import opened
from oppman.project import Project


def look(project: Project, *, exact: bool) -> Catalog:
    """What the database says of itself. Raises DatabaseUnreachable and BadDatabaseUrl. Nothing of it is changed."""
    with opened(project, address.database_url(project), read_only=True) as connection:
        return sqlite.look(connection, exact=exact) if connection.sqlite else postgres.look(connection, exact=exact)
