"""A scaffold's migration among the project's: taken out of the middle of their chain, and put back at its end.

Nothing is imported or run: a revision says its identifier and its parents at the top of its file.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from oppman.database.revisions import BASE, History, Revision
from oppman.project import Project
from oppman.scaffold.plan import Create, Step, Text, read
from oppman.scaffold.record import Write

_PARENTS = re.compile(r"^down_revision\b[^=\n]*=[ ]*(.*)$", re.MULTILINE)
_BODY = "\ndef upgrade"


def without(project: Project, removed: Collection[str]) -> Iterator[Write]:
    """The changes of the revisions that follow one of the files `removed`: they follow what that one followed."""
    if not any(b"down_revision" in (read(project.root, path) or b"") for path in removed):
        return
    revisions = History.read(project).revisions.values()
    gone = {one.id: one for one in revisions if one.path.relative_to(project.root).as_posix() in removed}
    for revision in revisions:
        if revision.id not in gone and len(revision.parents) == 1 and revision.parents[0] in gone:
            path = revision.path.relative_to(project.root).as_posix()
            before = read(project.root, path) or b""
            text = Text.of(before)
            parent = _kept_parent(revision, gone)
            yield Write(path, before, text.encode(follow(text.source, revision.parents[0], parent)))


def at_the_end(project: Project, step: Step) -> Step:
    """`step`, and if it creates a revision, with the project's newest one as its parent. Raises SeveralHeads."""
    if not isinstance(step, Create) or not (found := _PARENTS.search(step.content)):
        return step
    parents = re.findall(r"[\"']([^\"']+)[\"']", found[1])
    head = History.read(project).head()
    if len(parents) > 1 or (parents or [BASE]) == [head]:
        return step
    return replace(step, content=follow(step.content, parents[0] if parents else BASE, head))


def come_back(project: Project, step: Create) -> Create:
    """The revision of `step`, which was there before, after the newest one, unless it comes with its parent."""
    found, known = _PARENTS.search(step.content), History.read(project).revisions
    if not found or any(one not in known for one in re.findall(r"[\"']([^\"']+)[\"']", found[1])):
        return step
    changed = at_the_end(project, step)
    return changed if isinstance(changed, Create) else step


def follow(source: str, old: str, new: str) -> str:
    """The revision `source` with the parent `new` in place of `old`; BASE stands for none."""
    head, mark, body = source.partition(_BODY)
    if old == BASE:
        head = head.replace("after nothing", f"after {new}", 1)
    else:
        head = head.replace(f"after {old}", f"after {'nothing' if new == BASE else new}", 1)
        head = head.replace(f"Revises: {old}", f"Revises: {'' if new == BASE else new}".rstrip(), 1)
    parent = "None" if new == BASE else f'"{new}"'
    return _PARENTS.sub(lambda line: line[0][: line.start(1) - line.start()] + parent, head, count=1) + mark + body


def alike(one: bytes | None, other: bytes | None) -> bool:
    """Whether both are the same revision, whatever each of them follows."""
    if one is None or other is None or b"down_revision" not in one:
        return False
    try:
        return _unlinked(Text.of(one).source) == _unlinked(Text.of(other).source)
    except UnicodeDecodeError:
        return False


def _unlinked(source: str) -> str:
    head, mark, body = source.partition(_BODY)
    for parent in re.findall(r"[\"']([^\"']+)[\"']", "".join(_PARENTS.findall(head))):
        head = head.replace(f"after {parent}", "after nothing").replace(f"Revises: {parent}", "Revises:")
    return _PARENTS.sub("", head) + mark + body


def _kept_parent(revision: Revision, gone: dict[str, Revision]) -> str:
    parent = revision.parents[0]
    while parent in gone:
        parent = gone[parent].parents[0] if gone[parent].parents else BASE
    return parent
