"""`oppman db`: the database for life."""

import typer

from oppman.commands.db import backups
from oppman.commands.db.backup import backup
from oppman.commands.db.lint import lint
from oppman.commands.db.makemigrations import makemigrations
from oppman.commands.db.migrate import migrate, rollback
from oppman.commands.db.restore import restore
from oppman.commands.db.status import check, status

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Write, apply and check migrations.")
app.command()(makemigrations)
app.command()(migrate)
app.command()(rollback)
app.command()(status)
app.command()(check)
app.command()(lint)
app.command()(backup)
app.command()(restore)
app.add_typer(backups.app, name="backups")
