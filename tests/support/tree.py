"""What stands in a folder, to be compared with what stood there before."""

from pathlib import Path


def files(root: Path, *beside: str) -> dict[str, bytes]:
    """The files by their paths, without those whose path has a part that is called like one of `beside`."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {*beside} & {*path.relative_to(root).parts}
    }


def everything(root: Path) -> dict[str, bytes | None]:
    """Everything but the journal of `scaffold`, a folder as None."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if ".oppman" not in path.relative_to(root).parts
    }
