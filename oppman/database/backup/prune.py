"""What may go from a folder of backups."""

from dataclasses import dataclass
from pathlib import Path

from oppman.database.backup.folder import Backup, backups
from oppman.database.backup.tiers import Tiers, reasons
from oppman.errors import BackupFailed

NEWEST, LAST_VERIFIED = "the newest", "the last one that is verified"


@dataclass(frozen=True)
class Pruning:
    """Which backups stay, and why, and which go; each the newest first."""

    kept: tuple[tuple[Backup, tuple[str, ...]], ...]
    going: tuple[Backup, ...]

    def carry_out(self) -> None:
        """Delete those that go. Raises BackupFailed for one that cannot be deleted; the others before it are gone."""
        for item in self.going:
            try:
                item.path.unlink(missing_ok=True)
            except OSError as problem:
                raise BackupFailed(
                    f"{item.path.name} could not be deleted: {problem.strerror}. Nothing was deleted after it.",
                    "Mend its permissions and run it again.",
                ) from None


def pruning(folder: Path, tiers: Tiers) -> Pruning:
    """Judge the backups of a folder, those of each database by themselves. What is no backup is not looked at.

    Whatever the tiers say, the newest backup of a database stays, and the newest one that is verified.
    """
    found = [(item, item.manifest) for item in backups(folder) if item.manifest]
    why: dict[str, tuple[str, ...]] = {}
    for database in {(said.kind, said.database) for _, said in found}:
        own = [(item.path.name, said) for item, said in found if (said.kind, said.database) == database]
        why |= reasons({name: said.made_at for name, said in own}, tiers)
        newest, verified = own[0][0], next((name for name, said in own if said.verified), "")
        why[newest] = why[newest] or (NEWEST,)
        if verified:
            why[verified] = why[verified] or (LAST_VERIFIED,)
    return Pruning(
        tuple((item, why[item.path.name]) for item, _ in found if why[item.path.name]),
        tuple(item for item, _ in found if not why[item.path.name]),
    )
