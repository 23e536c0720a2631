"""CPU time of `oppman db check` and `db status` in a project with 200 models and 300 revisions beside the starter.

    uv run python bench/check.py [--models 200] [--revisions 300] [--runs 7] [--postgres URL]

The models' own part, importing them, is measured by itself and given beside the ratio: `oppman` can make nothing of it
cheaper. The sides take turns; ratios are taken run by run and figures are medians. `first` is a check that finds no
snapshot of the migrated schema. Linux and macOS.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from startup import OPPMAN, WORK, Pair, measure

CHECK, STATUS = 3.0, 1.5
CHECK_COMMAND = [str(OPPMAN), "db", "check"]
# As the check does it, without the collector of cycles.
IMPORT = [sys.executable, "-c", "import gc; gc.disable(); import webapp.models; gc.freeze()"]
FIELDS = """
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100, index=True)
    price: Decimal = Field(max_digits=10, decimal_places=2)
    in_stock: bool = True
    notes: str = Field(default="", sa_type=Text)
    user_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(default_factory=now)
"""
COLUMNS = """
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--revisions", type=int, default=300)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--postgres", default="", help="also on this server, for example postgresql://me@localhost/x")
    args = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    small, large = project(0, 1), project(args.models, args.revisions)
    urls = {"SQLite": "sqlite:///app.db"} | ({"PostgreSQL": args.postgres} if args.postgres else {})
    print(f"{'CPU ms, median of ' + str(args.runs):44}{'large':>8}{'starter':>9}{'ratio':>7}{'limit':>7}")
    for name, url in urls.items():
        os.environ["DATABASE_URL"] = url
        first = rows([CHECK_COMMAND], large, small, min(args.runs, 3), forget=True)[0]
        report(f"db check, {name}, first", first, CHECK)
        found, imports = rows([CHECK_COMMAND, IMPORT], large, small, args.runs)
        report(f"db check, {name}", found, CHECK)
        report("    importing the models", imports, 0)
        own = [(a - b, c - d) for (a, c), (b, d) in zip(found, imports, strict=True)]
        report("    without that", own, CHECK)
    os.environ["DATABASE_URL"] = urls["SQLite"]
    status, help_ = rows([[str(OPPMAN), "db", "status"], [str(OPPMAN), "--help"]], large, small, args.runs)
    both = [(a, b) for (a, _), (b, _) in zip(status, help_, strict=True)]
    report("db status there, beside oppman --help", both, STATUS)


def rows(
    commands: list[list[str]], large: Path, small: Path, runs: int, *, forget: bool = False
) -> list[list[tuple[float, float]]]:
    """For each command its CPU milliseconds in the large project and in the small one, run by run.

    Commands and projects take turns; the first run finds nothing compiled and does not count.
    """
    found: list[list[tuple[float, float]]] = [[] for _ in commands]
    for _ in range(runs + 1):
        for command, taken in zip(commands, found, strict=True):
            pair = []
            for folder in (large, small):
                if forget:
                    shutil.rmtree(folder / ".oppman" / "database", ignore_errors=True)
                pair.append(measure(Pair("", command, [], 0, cwd=folder), command).cpu_ms)
            taken.append((pair[0], pair[1]))
    return [taken[1:] for taken in found]


def report(what: str, found: list[tuple[float, float]], limit: float) -> None:
    large, small = (statistics.median(row[side] for row in found) for side in (0, 1))
    ratio = statistics.median(a / b for a, b in found)
    print(f"{what:44}{large:8.0f}{small:9.0f}{ratio:7.2f}{f'{limit:7.1f}' if limit else ''}", flush=True)


def project(models: int, revisions: int) -> Path:
    """A project with so many models besides the starter's: each in a revision, and columns added in those left over."""
    folder = WORK / f"models-{models}-{revisions}"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([str(OPPMAN), "new", folder.name, "--no-git"], cwd=WORK, check=True, capture_output=True)
    versions = folder / "migrations/versions"
    previous = next(line.split('"')[1] for line in next(versions.glob("*.py")).read_text().splitlines()
                    if line.startswith("revision"))  # fmt: skip
    text = [(folder / "webapp/models.py").read_text()]
    later = revisions - 1 - models
    for number in range(models):
        table = f"things_{number:03}"
        more = "    extra: str | None = Field(default=None, max_length=50)\n" if number < later else ""
        text.append(f'class Thing{number:03}(SQLModel, table=True):\n    __tablename__ = "{table}"\n{FIELDS}{more}')
        previous = revision(
            versions, number, previous,
            f'op.create_table("{table}",{COLUMNS}'
            f'        sa.CheckConstraint("price >= 0", name=op.f("ck_{table}_price")),\n'
            f'        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_{table}_user_id_users"), '
            f'ondelete="SET NULL"),\n        sa.PrimaryKeyConstraint("id", name=op.f("pk_{table}")),\n    )\n'
            f'    op.create_index(op.f("ix_{table}_name"), "{table}", ["name"])\n'
            f'    op.create_index(op.f("ix_{table}_user_id"), "{table}", ["user_id"])',
            f'op.drop_table("{table}")',
        )  # fmt: skip
        text[-1] = text[-1].replace(
            f'    __tablename__ = "{table}"\n',
            f'    __tablename__ = "{table}"\n    __table_args__ = (CheckConstraint("price >= 0", name="price"),)\n',
        )
    for number in range(max(later, 0)):
        table = f"things_{number:03}"
        change = f'with op.batch_alter_table("{table}") as batch_op:\n        batch_op.'
        previous = revision(
            versions, models + number, previous,
            change + 'add_column(sa.Column("extra", sa.String(length=50), nullable=True))',
            change + 'drop_column("extra")',
        )  # fmt: skip
    (folder / "webapp/models.py").write_text("\n\n".join(text))
    return folder


def revision(versions: Path, number: int, previous: str, upgrade: str, downgrade: str) -> str:
    name = f"{number:012x}"
    (versions / f"20270101_{number:04}_change.py").write_text(
        f'"""change {number}"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{name}"\n'
        f'down_revision = "{previous}"\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n'
        f"    {upgrade}\n\n\ndef downgrade() -> None:\n    {downgrade}\n"
    )
    return name


if __name__ == "__main__":
    main()
