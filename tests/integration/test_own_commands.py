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


def test_a_person_s_mistakes_are_told_and_a_bug_keeps_its_traceback(run: Run, project: Path) -> None:
    cases = {
        "": "lacks a table or a column that the models have.\nHint: Apply the migrations with `oppman db migrate`",
        "EMBEDDER=magic": "Error: The settings are unusable: EMBEDDER: ",
        "DATABASE_URL=postgresql://u:secret@127.0.0.1:1/x": "cannot be reached: postgresql://u:***@127.0.0.1:1/x",
    }
    for line, told in cases.items():
        (project / ".env").write_text(f"{line}\n")
        failed = run("embed", cwd=project)
        assert failed.code == 1
        assert told in failed.stderr
        assert "Traceback" not in failed.stderr
    (project / ".env").unlink()
    raised = "from webapp.errors import Conflict\n\n\ndef {0}() -> None:\n    raise {1}\n"
    (project / "webapp/commands/refused.py").write_text(raised.format("refused", "Conflict('Taken.', 'Take another.')"))
    assert run("refused", cwd=project).stderr == "Error: Taken.\nHint: Take another.\n"
    (project / "webapp/commands/broken.py").write_text(raised.format("broken", "FileNotFoundError('mine.csv')"))
    broken = run("broken", cwd=project)
    assert broken.code == 1
    assert "Traceback" in broken.stderr
