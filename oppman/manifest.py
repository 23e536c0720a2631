"""What `oppman --help` lists, without importing any of it.

A summary here is the first line of the command's own docstring; a test holds the two together.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """One command or group: its name, the module whose `app` holds it, its summary and its place in the help."""

    name: str
    module: str
    summary: str
    panel: str


START, PEOPLE, SCAFFOLD, DATABASE, DEMO, SERVE, SEE, OWN = (
    "Start", "People", "Scaffold", "Database", "Demo data", "Serve", "See", "This project's own commands",
)  # fmt: skip

MANIFEST = (
    Entry("new", "oppman.commands.new", "Create a project in a new folder.", START),
    Entry("init", "oppman.commands.init", "Make the project in this folder ready to run.", START),
    Entry("createsuperuser", "oppman.commands.createsuperuser", "Create a user who may do everything.", PEOPLE),
    Entry("createuser", "oppman.commands.createuser", "Create a user, with roles if you like.", PEOPLE),
    Entry("users", "oppman.commands.users", "List, inspect and change users.", PEOPLE),
    Entry("roles", "oppman.commands.roles", "List and change roles and what they permit.", PEOPLE),
    Entry("scaffold", "oppman.commands.scaffold", "Write a resource's code, and take it back.", SCAFFOLD),
    Entry("db", "oppman.commands.db", "Migrations, backups, fixtures, copies and SQL.", DATABASE),
    Entry("demo", "oppman.commands.demo", "Load realistic data, or run the whole demo.", DEMO),
    Entry("runserver", "oppman.commands.runserver", "Serve the app for development, with reload.", SERVE),
    Entry("serve", "oppman.commands.serve", "Serve the app in production.", SERVE),
    Entry("routes", "oppman.commands.routes", "List the routes with their permissions.", SEE),
    Entry("shell", "oppman.commands.shell", "Open a Python prompt with a session and the models.", SEE),
    Entry("info", "oppman.commands.info", "Show versions, settings, database and migrations.", SEE),
    Entry("secrets", "oppman.commands.secrets", "Print fresh secrets, or write them to .env.", SEE),
    Entry("docs", "oppman.commands.docs", "Export the API schema and the documentation.", SEE),
    Entry("test", "oppman.commands.test", "Run the tests of this project.", SEE),
)
