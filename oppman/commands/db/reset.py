"""`oppman db reset`."""

from oppman import console
from oppman.commands.db.carry_out import (
    LockTimeout,
    NoBackup,
    StatementTimeout,
    Wait,
    carry_out,
    copy_first,
    type_to_agree,
)
from oppman.contract import Contract
from oppman.options import Yes
from oppman.project import Project


def reset(
    yes: Yes = False,
    no_backup: NoBackup = False,
    wait: Wait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
) -> None:
    """Drop everything in the database and migrate it anew.

    All data is destroyed, so the database is copied to backups/ first, and its name has to be typed. Uploaded files
    stay. Refused where ENVIRONMENT is production.

    \b
    Example:
      oppman db reset
      oppman db reset --yes
    """
    from oppman.database import migrations
    from oppman.database.address import database_url
    from oppman.database.limits import Limits
    from oppman.database.reset import database_name, drop_everything, refuse_in_production
    from oppman.database.revisions import History

    project = Project.here()
    contract = Contract(project)
    limits = Limits.of(project, wait=wait, lock_timeout=lock_timeout, statement_timeout=statement_timeout)
    refuse_in_production(contract)
    History.read(project).head()  # with two of them it could not be migrated anew
    name = database_name(project, database_url(project))
    type_to_agree(f"Everything in the database {name} is destroyed. Type its name to go on:", name, yes)
    copy = None if no_backup else lambda: copy_first(project, "before a reset")
    tables = drop_everything(contract, migrations.Conduct(tell=console.warn, copy=copy, limits=limits))
    console.step("drop", console.counted(len(tables), "table"))
    carry_out(project, [migrations.plan(project, "head")], limits)
    console.next_steps("oppman createsuperuser", *(["oppman demo load"] if contract.offers("demo") else []))
