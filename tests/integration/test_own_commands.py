import sqlite3
from contextlib import closing
from pathlib import Path

from command_line import Run

INSERT = (
    "INSERT INTO audit_entries (at, actor_email, action, target, details) "
    "VALUES (datetime('now', ?), '', 'product.created', '', '{}')"
)


def test_prune_audit_deletes_what_is_older_and_keeps_the_rest(run: Run, project: Path) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    with closing(sqlite3.connect(project / "app.db")) as database, database:
        database.executemany(INSERT, [("-400 days",), ("-380 days",), ("-3 days",)])

    result = run("prune-audit", cwd=project)

    assert (result.code, result.stdout) == (0, "Deleted 2 audit entries that were older than 365 days.\n")
    with closing(sqlite3.connect(project / "app.db")) as database:
        left = [row[0] for row in database.execute("SELECT action FROM audit_entries ORDER BY id")]
    assert left == ["product.created", "audit.pruned"]
    assert run("prune-audit", "--days", "1", cwd=project).stdout.startswith("Deleted 1 ")
