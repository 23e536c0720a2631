"""`oppman db`: the database for life."""

import typer

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

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Write, apply and check migrations.")
app.command()(makemigrations)
app.command()(migrate)
app.command()(rollback)
app.command()(redo)
app.command()(sql)
app.command()(reset)
app.command()(status)
app.command()(check)
app.command()(lint)
app.command()(start)
app.command()(stop)
app.command()(merge)
app.command()(rebase)
app.command()(squash)
app.command()(seed)
app.command()(shell)
app.command()(inspect)
app.command()(dump)
app.command()(load)
app.command()(copy)
app.command()(backup)
app.command()(restore)
app.add_typer(backups.app, name="backups")
