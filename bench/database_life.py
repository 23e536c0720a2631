"""The life of a database, from end to end: a shop with a million products is backed up, damaged and restored, migrated
by a rename and two steps to NOT NULL, dumped and loaded, moved to PostgreSQL, and backed up there.

    uv run python bench/database_life.py                  1,000,000 products
    uv run python bench/database_life.py --rows 2000      the same, in a minute

Every step is a command that a person would type, in a project that `oppman new` made. After each it is proved that no
row is other than it was, by a digest of all that a dump says of them; it ends with 1 at the first difference. Given are
the seconds and the most memory of each command, its children left out. Linux and macOS.
"""

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

OPPMAN = Path(sys.executable).with_name("oppman")
BACKFILL = "products.sku=not numbered yet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="oppman-life-") as folder:
        life = Life(Path(folder) / "shop")
        try:
            life.begin(rows)
            life.is_backed_up_and_restored()
            life.changes_its_schema(rows)
            life.is_dumped_and_loaded()
            life.moves_to_postgresql(rows)
        finally:
            life.end()


class Life:
    """A project and its database. Each step raises SystemExit where it finds something else than there has to be."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sqlite = "sqlite:///app.db"
        self.postgres = ""

    def begin(self, rows: int) -> None:
        print(f"{rows:,} products\n\n{'':58}{'s':>8}{'MB':>7}")
        subprocess.run(
            [OPPMAN, "new", self.root.name, "--no-git"], cwd=self.root.parent, check=True, capture_output=True
        )
        (self.root / ".env").write_text(f"DATABASE_URL={self.sqlite}\nSECRET_KEY={'long enough, and random ' * 3}\n")
        self.oppman("db", "migrate")
        self.oppman("demo", "load", "--rows", str(rows), OPPMAN_PASSWORD="a demo that nobody else sees")

    def is_backed_up_and_restored(self) -> None:
        before = self.digest()
        made = self.json("db", "backup", "--json")
        same("the backup was proved by restoring it", made["verified"], True)
        with closing(sqlite3.connect(self.root / "app.db")) as database, database:
            database.execute("DELETE FROM products WHERE id % 2")
            database.execute("UPDATE users SET email = 'x' || email")
        self.oppman("db", "restore", made["file"], "--yes")
        same("after the restore all rows are as they were", self.digest(), before)

    def changes_its_schema(self, rows: int) -> None:
        before = self.digest(renamed={"in_stock": "available"})
        for file in self.sources():
            file.write_text(file.read_text().replace("in_stock", "available"))
        self.edit_models("    available: bool = True\n", "    available: bool = True\n    sku: str | None = None\n")
        self.oppman("db", "makemigrations", "-m", "available", "--rename", "products.in_stock:available")
        self.oppman("db", "migrate", "--yes")
        self.edit_models("    sku: str | None = None\n", "    sku: str = Field(max_length=20)\n")
        self.oppman("db", "makemigrations", "-m", "sku", "--backfill", BACKFILL)
        self.oppman("db", "migrate", "--yes")
        self.oppman("db", "check")
        with closing(sqlite3.connect(self.root / "app.db")) as database:
            filled = database.execute("SELECT count(*) FROM products WHERE sku = ?", [BACKFILL.partition("=")[2]])
            same("each product has got its number", filled.fetchone()[0], rows)
        same("and is as it was but for that", self.digest(without="sku"), before)

    def is_dumped_and_loaded(self) -> None:
        dump = "dump.jsonl.gz"
        self.oppman("db", "dump", "-o", dump)
        self.oppman("db", "migrate", DATABASE_URL="sqlite:///loaded.db")
        self.oppman("db", "load", dump, DATABASE_URL="sqlite:///loaded.db")
        same("what was loaded is what was dumped", self.digest("sqlite:///loaded.db"), self.digest())
        (self.root / "loaded.db").unlink()

    def moves_to_postgresql(self, rows: int) -> None:
        from oppman.database.server.place import address_for

        self.postgres = address_for(self.root)
        self.oppman("db", "start", DATABASE_URL=self.postgres)
        copied = self.json("db", "copy", "--to", self.postgres, "--json")
        same("the checksums of all tables are equal", all(table["equal"] for table in copied["tables"]), True)
        counts = {table["table"]: table["rows"] for table in copied["tables"]}
        same("all products are there", counts["products"], rows)
        same("a dump of PostgreSQL is the dump of SQLite", self.digest(self.postgres), self.digest())
        self.oppman("db", "check", DATABASE_URL=self.postgres)
        made = self.json("db", "backup", "--json", DATABASE_URL=self.postgres)
        same("its backup was proved by restoring it", made["verified"], True)

    def end(self) -> None:
        if self.postgres:
            from oppman.database.server.place import place_for

            self.oppman("db", "stop", DATABASE_URL=self.postgres)
            shutil.rmtree(place_for(self.root).home, ignore_errors=True)

    def sources(self) -> list[Path]:
        """The files of the project in which the renamed column has a name."""
        return [
            file
            for folder in ("webapp", "templates", "tests")
            for pattern in ("*.py", "*.html")
            for file in (self.root / folder).rglob(pattern)
        ]

    def edit_models(self, old: str, new: str) -> None:
        models = self.root / "webapp/models.py"
        text = models.read_text()
        same("the models have the field", text.count(old), 1, quiet=True)
        models.write_text(text.replace(old, new))

    def digest(self, url: str = "", *, renamed: dict[str, str] | None = None, without: str = "") -> str:
        """A digest of all rows, by what a dump says of them, with columns `renamed` and one left out."""
        self.oppman("db", "dump", "-o", "rows.jsonl", "--yes", DATABASE_URL=url or self.sqlite)
        found, names = hashlib.sha256(), renamed or {}
        with (self.root / "rows.jsonl").open("rb") as lines:
            for line in lines:
                ((table, row),) = json.loads(line).items()
                values = {names.get(name, name): value for name, value in row.items() if name != without}
                found.update(json.dumps([table, values], sort_keys=True).encode())
        return found.hexdigest()

    def json(self, *args: str, **environment: str) -> Any:
        return json.loads(self.oppman(*args, **environment))

    def oppman(self, *args: str, **environment: str) -> str:
        """Run a command in the project, print what it cost, and return what it wrote to stdout."""
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "VIRTUAL_ENV"}}
        began = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [OPPMAN, *args],
                cwd=self.root,
                env=kept | environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=said,
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            said.seek(0)
            if process.returncode:
                sys.exit(f"oppman {' '.join(args)} ended with {process.returncode}.\n{said.read().decode()}")
            wall, memory = time.monotonic() - began, used.ru_maxrss / 1024
            where = "   on PostgreSQL" if environment.get("DATABASE_URL", "").startswith("postgres") else ""
            print(f"oppman {shortened(args)}{where}"[:58].ljust(58) + f"{wall:8.1f}{memory:7.0f}", flush=True)
            return out.read().decode()


def shortened(args: tuple[str, ...]) -> str:
    """A command as it is shown: of a path its name alone, of an address its kind."""
    shown = [arg.partition("://")[0] + "://..." if "://" in arg else arg.rpartition("/")[2] for arg in args]
    return " ".join(f"'{arg}'" if " " in arg else arg for arg in shown)


def same(what: str, found: object, wanted: object, *, quiet: bool = False) -> None:
    """Print that it is so, or end with what is so instead."""
    if found != wanted:
        sys.exit(f"NOT so: {what}: {found!r} instead of {wanted!r}")
    if not quiet:
        print(f"    {what}", flush=True)


if __name__ == "__main__":
    main()
