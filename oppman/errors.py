"""Every error that a person can cause.

    OppmanError                      1
    ├── UsageError                   2   the command line itself is wrong
    │   ├── InvalidName              2   a name that cannot name what it should
    │   └── InvalidField             2   a field of a resource that says something impossible
    ├── ProjectError                 1
    │   ├── NoProject                1   no project in this folder or above it
    │   ├── BadConfiguration         1   pyproject.toml or .env says something unusable
    │   ├── ModuleMissing            1   the contract names a module that is not there
    │   ├── ModuleCrashed            1   that module raised while it was imported
    │   ├── AttributeMissing         1   that module lacks the name
    │   └── WrongEnvironment         1   the project's packages are not in this environment
    ├── DatabaseError                1
    │   ├── BadDatabaseUrl           1
    │   ├── DatabaseUnreachable      1
    │   ├── PendingMigrations        1
    │   ├── SchemaDrift              1   the models and the migrations disagree
    │   ├── UnsafeMigrations         1   migrations have what would hurt a running application
    │   ├── MigrationFailed          1
    │   ├── SeedFailed               1   a seed of the project raised
    │   ├── NoMigrations             1   the project has no folder of migrations, or one that cannot be read
    │   ├── SeveralHeads             1   two revisions follow the same one
    │   ├── NewerDatabase            1   the database is at a revision that the project does not have
    │   ├── BackupFailed             1   a backup could not be written, proved or restored
    │   └── DamagedBackup            1   a backup holds not what was written to it
    └── Refused                      1   a rule of the project or of the command said no
        └── NotAsked                 2   an answer is needed and there is no terminal to ask on

An error is raised where the fact is known and rendered once, by `oppman.cli.main`. Anything outside this tree is a
bug of ours and keeps its traceback.
"""


class OppmanError(Exception):
    """Something that a person can understand and mend.

    `message` says what happened, `hint` what to do next, `detail` holds evidence of several lines (a traceback of the
    project's own code, a database's answer) that is shown as it is.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail


class UsageError(OppmanError):
    """The command line itself is wrong."""

    exit_code = 2


class InvalidName(UsageError):
    """A name that cannot name what it should."""


class InvalidField(UsageError):
    """A field of a resource that says something impossible, or in words that the grammar does not have."""


class ProjectError(OppmanError):
    """The project is missing, broken, or not the one that was expected."""


class NoProject(ProjectError):
    """There is no project in this folder or above it."""


class BadConfiguration(ProjectError):
    """`pyproject.toml`, `.env` or the environment says something unusable."""


class ModuleMissing(ProjectError):
    """The contract names a module that is not there."""


class ModuleCrashed(ProjectError):
    """A module of the project raised while it was imported; `detail` holds the project's own traceback."""


class AttributeMissing(ProjectError):
    """A module of the project lacks a name that the contract asks for."""


class WrongEnvironment(ProjectError):
    """The packages that the project imports are not in the environment that oppman runs in."""


class DatabaseError(OppmanError):
    """The database cannot do what was asked."""


class BadDatabaseUrl(DatabaseError):
    """DATABASE_URL cannot be understood."""


class DatabaseUnreachable(DatabaseError):
    """Nothing answers at DATABASE_URL, or it refuses us."""


class PendingMigrations(DatabaseError):
    """The database is behind the migrations of the project."""


class SchemaDrift(DatabaseError):
    """The models and the migrations disagree."""


class UnsafeMigrations(DatabaseError):
    """Migrations have what would hurt a running application."""


class MigrationFailed(DatabaseError):
    """A migration raised; the database stands where `message` says."""


class SeedFailed(DatabaseError):
    """A seed of the project raised; `detail` holds the project's own traceback."""


class NoMigrations(DatabaseError):
    """The project has no folder of migrations, or one that cannot be read."""


class SeveralHeads(DatabaseError):
    """Two revisions follow the same one, so that `head` names none."""


class NewerDatabase(DatabaseError):
    """The database is at a revision that the project does not have."""


class BackupFailed(DatabaseError):
    """A backup could not be written, proved or restored."""


class DamagedBackup(DatabaseError):
    """A file is no backup, or holds not what was written to it."""


class Refused(OppmanError):
    """A rule of the project or of the command said no. Nothing was changed."""


class NotAsked(Refused):
    """An answer is needed and there is no terminal to ask on."""

    exit_code = 2
