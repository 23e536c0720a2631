"""What a generator's run would do to a project, as data: files are read for it and none is written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Any, Literal, Protocol

from oppman.diff import split_lines, unified
from oppman.errors import OppmanError, Refused

BYTE_ORDER_MARK = "\ufeff"


class Edit(Protocol):
    """An insertion into a file that its owner may have edited. It sees and gives text with `\\n` line ends."""

    def apply(self, source: str) -> str:
        """`source` with the insertion, unchanged if that is there already.

        Raises an OppmanError if there is no place for it any more; its `detail` is what a person should paste.
        """
        ...

    def take_back(self, source: str) -> str:
        """`source` without the insertion, wherever it stands now; unchanged if it is not there any more."""
        ...

    def recorded(self, before: str, after: str) -> "Edit":
        """This edit as it should be taken back: what it added to `before`, where it made `after` of that."""
        ...

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Create:
    """A new file."""

    path: str
    content: str


@dataclass(frozen=True)
class Change:
    """Insertions into a file that is there."""

    path: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Remove:
    """A file that goes."""

    path: str


Step = Create | Change | Remove


class Outcome(StrEnum):
    """What becomes of one file. A settled conflict is an overwrite or a skip."""

    CREATE = "create"
    INSERT = "insert"
    CUT = "cut"
    REMOVE = "remove"
    IDENTICAL = "identical"
    CONFLICT = "conflict"
    OVERWRITE = "overwrite"
    SKIP = "skip"
    MANUAL = "manual"


@dataclass(frozen=True)
class Action:
    """One file of a plan: its bytes before and after (None: no such file).

    A conflict's `after` is what would overwrite the file. `made` are those of the `edits` that were not there before,
    and `recorded`, one for each of them, what takes it back; `lines` is what a person has to paste where the outcome is
    manual.
    """

    path: str
    outcome: Outcome
    before: bytes | None
    after: bytes | None
    edits: tuple[Edit, ...] = ()
    made: tuple[Edit, ...] = ()
    recorded: tuple[Edit, ...] = ()
    lines: str = ""

    def diff(self) -> str:
        """This file's unified diff, with git's headers; empty if nothing changes."""
        return "" if self.before == self.after else _diff(self.path, self.before, self.after)


@dataclass(frozen=True)
class Plan:
    """What a run would do, one action for a file, in the order of its steps."""

    actions: tuple[Action, ...]

    @property
    def conflicts(self) -> tuple[Action, ...]:
        """The files that are there with other content and that nobody has decided about yet."""
        return tuple(action for action in self.actions if action.outcome is Outcome.CONFLICT)

    def settle(self, decide: Callable[[Action], Literal["keep", "overwrite"]]) -> "Plan":
        """The plan with each conflict resolved as `decide` says."""
        return Plan(tuple(_settled(action, decide) for action in self.actions))

    def diff(self) -> str:
        """The unified diff of all that would change, each conflict as if it were overwritten."""
        return "".join(action.diff() for action in self.actions)


def plan(root: Path, steps: Iterable[Step]) -> Plan:
    """What `steps` would do to the project at `root`. Changes of one file become one action.

    Raises Refused for a path that leads out of the project or to what is no readable file.
    """
    combined: dict[str, Step] = {}
    for step in steps:
        if isinstance(step, Change) and not step.edits:
            continue
        path = place(root, step.path).relative_to(root.resolve()).as_posix()
        there = combined.get(path)
        if isinstance(there, Change) and isinstance(step, Change):
            combined[path] = Change(path, there.edits + step.edits)
        elif there is None:
            combined[path] = replace(step, path=path)
        else:
            raise ValueError(f"two steps for {path}")  # a bug of the generator
    return Plan(tuple(_action(step, read(root, path)) for path, step in combined.items()))


def place(root: Path, path: str) -> Path:
    """Where the file `path` of the project lies, with symbolic links followed, so that writing keeps them.

    Raises Refused for an absolute path, one with `..`, and a link out of the project.
    """
    parts = PureWindowsPath(path)  # knows drives and both slashes
    if parts.anchor or ".." in parts.parts or not parts.parts:
        raise Refused(f"{path!r} is no path inside the project.", "Paths are relative to the project's root.")
    base = root.resolve()
    try:
        target = (base / path).resolve()
    except (OSError, RuntimeError):  # links in a circle
        target = base
    if target == base or not target.is_relative_to(base):
        raise Refused(
            f"{path} is a symbolic link that leads out of the project.",
            "Put a real file or folder in its place. Nothing was changed.",
        )
    return target


def read(root: Path, path: str) -> bytes | None:
    """The bytes of the project's file `path`; None if there is none. Raises Refused if it cannot be read."""
    try:
        return place(root, path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise Refused(
            f"{path} cannot be read: {problem.strerror}.", "Make it a readable file, or move it away."
        ) from None


@dataclass(frozen=True)
class Text:
    """A file's text, and the way from an edited text back to bytes in the file's own line ends."""

    raw: str

    @classmethod
    def of(cls, content: bytes) -> "Text":
        """The text of `content`. Raises UnicodeDecodeError if it is no UTF-8."""
        return cls(content.decode("utf-8"))

    @property
    def source(self) -> str:
        """The text as an edit sees it: `\\n` at the end of each line, no byte order mark."""
        return self.raw.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")

    def encode(self, source: str) -> bytes:
        """The bytes of the edited `source`. In a file with both line ends each line that stays keeps its own."""
        mark = BYTE_ORDER_MARK if self.raw.startswith(BYTE_ORDER_MARK) else ""
        windows, all_ends = self.raw.count("\r\n"), self.raw.count("\n")
        if windows == all_ends > 0:
            source = source.replace("\n", "\r\n")
        elif windows:
            source = self._mixed(source, "\r\n" if windows * 2 > all_ends else "\n")
        return (mark + source).encode("utf-8")

    def _mixed(self, source: str, end: str) -> str:
        from difflib import SequenceMatcher

        texts = (self.raw.removeprefix(BYTE_ORDER_MARK), self.source, source)
        raw, old, new = map(split_lines, texts)
        result: list[str] = []
        for tag, start, stop, new_start, new_stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            own = [line.replace("\n", end) for line in new[new_start:new_stop]]
            result += raw[start:stop] if tag == "equal" else own
        return "".join(result)


def same(one: bytes | None, other: bytes | None) -> bool:
    """Whether both hold the same, up to line ends, which git may have changed on the way."""
    if one is None or other is None:
        return one is other
    return one == other or one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def _action(step: Step, before: bytes | None) -> Action:
    if isinstance(step, Change):
        return _change(step, before)
    if isinstance(step, Remove):
        return Action(step.path, Outcome.IDENTICAL if before is None else Outcome.REMOVE, before, None)
    after = step.content.encode("utf-8")
    if before is None:
        return Action(step.path, Outcome.CREATE, None, after)
    if same(before, after):
        return Action(step.path, Outcome.IDENTICAL, before, before)
    return Action(step.path, Outcome.CONFLICT, before, after)


def _change(step: Change, before: bytes | None) -> Action:
    manual = Action(step.path, Outcome.MANUAL, before, before, step.edits)
    try:
        text = Text.of(before or b"")
    except UnicodeDecodeError:
        before = None
    if before is None:
        return replace(manual, lines=_to_paste("", step.edits))
    source, made, recorded = text.source, [], []
    for edit in step.edits:
        try:
            edited = edit.apply(source)
            if edited != source:
                recorded.append(edit.recorded(source, edited))
                made.append(edit)
        except OppmanError:
            return replace(manual, lines=_to_paste(text.source, step.edits))
        source = edited
    changed = Outcome.CUT if len(source) < len(text.source) else Outcome.INSERT
    outcome = changed if made else Outcome.IDENTICAL
    after = text.encode(source) if made else before
    return Action(step.path, outcome, before, after, step.edits, tuple(made), tuple(recorded))


def _to_paste(source: str, edits: Iterable[Edit]) -> str:
    """The lines of all `edits` that `source` does not have: where one finds no place, none is written."""
    blocks: list[str] = []
    for edit in edits:
        try:
            if source and edit.apply(source) == source:
                continue
            lines = edit.apply("")
        except OppmanError as problem:
            lines = problem.detail or problem.message
        blocks.append(lines.strip("\n"))
    return "\n\n".join(dict.fromkeys(blocks))


def _settled(action: Action, decide: Callable[[Action], Literal["keep", "overwrite"]]) -> Action:
    if action.outcome is not Outcome.CONFLICT:
        return action
    if decide(action) == "keep":
        return replace(action, outcome=Outcome.SKIP, after=action.before)
    return replace(action, outcome=Outcome.OVERWRITE)


def _diff(path: str, before: bytes | None, after: bytes | None) -> str:
    old = "/dev/null" if before is None else f"a/{path}"
    new = "/dev/null" if after is None else f"b/{path}"
    kind = "new file mode 100644\n" if before is None else "deleted file mode 100644\n" if after is None else ""
    head = f"diff --git a/{path} b/{path}\n{kind}"
    try:
        was, becomes = ((content or b"").decode("utf-8") for content in (before, after))
    except UnicodeDecodeError:
        return f"{head}Binary files {old} and {new} differ\n"
    return head + unified(was, becomes, old, new)
