"""`oppman db`: the database for life."""

import typer

from oppman.commands.db import backups
from oppman.commands.db.backup import backup
from oppman.commands.db.copy import copy
from oppman.commands.db.dump import dump
from oppman.commands.db.inspect import inspect
from oppman.commands.db.lint import lint
from oppman.commands.db.load import load
from oppman.commands.db.makemigrations import makemigrations
from oppman.commands.db.merge import merge
from oppman.commands.db.migrate import migrate, redo, rollback
from oppman.commands.db.rebase import rebase
from oppman.commands.db.reset import reset
from oppman.commands.db.restore import restore
from oppman.commands.db.seed import seed
from oppman.commands.db.server import start, stop
from oppman.commands.db.shell import shell
from oppman.commands.db.sql import sql
from oppman.commands.db.squash import squash
from oppman.commands.db.status import check, status

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Migrations, backups, fixtures, copies and SQL.")

MIGRATIONS, HISTORY, BACKUPS, ROWS, LOOK = (
    "Migrations", "The chain of migrations", "Backups", "Rows", "The database itself",
)  # fmt: skip

for command, panel in (
    (makemigrations, MIGRATIONS),
    (migrate, MIGRATIONS),
    (status, MIGRATIONS),
    (check, MIGRATIONS),
    (lint, MIGRATIONS),
    (sql, MIGRATIONS),
    (rollback, MIGRATIONS),
    (redo, MIGRATIONS),
    (merge, HISTORY),
    (rebase, HISTORY),
    (squash, HISTORY),
    (backup, BACKUPS),
    (restore, BACKUPS),
    (dump, ROWS),
    (load, ROWS),
    (copy, ROWS),
    (seed, ROWS),
    (shell, LOOK),
    (inspect, LOOK),
    (reset, LOOK),
    (start, LOOK),
    (stop, LOOK),
):
    app.command(rich_help_panel=panel)(command)
app.add_typer(backups.app, name="backups", rich_help_panel=BACKUPS)
