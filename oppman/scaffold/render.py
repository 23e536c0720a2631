"""Fill in a stub. `<<name>>` is what a stub holds; Jinja's HTML, Python and TOML pass through untouched."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.errors import Refused

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemBytecodeCache

PLACE = re.compile(r"<<(\w+)>>")
STUBS = Path(__file__).parent / "stubs"
_OWN: ContextVar[Path | None] = ContextVar("own stubs", default=None)


def render(stub: str, values: Mapping[str, str]) -> str:
    """`stub` with each `<<name>>` replaced by its value. A name without a value is a KeyError: the stub is ours."""
    return PLACE.sub(lambda match: values[match.group(1)], stub)


def render_stub(name: str, /, **values: Any) -> str:
    """The stub at `name`, filled in by Jinja with `<< >>` and `<% %>`.

    Raises Refused, with the place, for a stub of the project's own that Jinja cannot fill in.
    """
    from jinja2 import TemplateError

    own = _OWN.get()
    try:
        return _environment(own).get_template(name).render(**values)
    except TemplateError as problem:
        if own is None or not (own / name).is_file():
            raise
        raise Refused(
            f"The stub {own.name}/{name} cannot be filled in: {problem}.",
            f"Mend {_place(problem, own / name)}, or remove the file: then oppman's own is used.",
        ) from None


@contextmanager
def own_stubs(folder: Path | None) -> Iterator[None]:
    """Inside, a stub of `folder` wins over oppman's of the same name."""
    token = _OWN.set(folder)
    try:
        yield
    finally:
        _OWN.reset(token)


def _place(problem: Exception, path: Path) -> str:
    """The row of the stub `path` that the problem arose in."""
    row, trace = getattr(problem, "lineno", None), problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            row = trace.tb_lineno
        trace = trace.tb_next
    return f"its row {row}" if row else "it"


@lru_cache
def _environment(own: Path | None) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(  # noqa: S701 - what it makes is Python and templates, which must come out as they are
        loader=FileSystemLoader([own, STUBS] if own else STUBS), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>", comment_start_string="<#", comment_end_string="#>",
        bytecode_cache=_compiled(),
    )  # fmt: skip


def _compiled() -> "FileSystemBytecodeCache | None":
    """Where Jinja keeps what it made of a stub, in a folder of this user alone: compiling takes longest of all."""
    from jinja2 import FileSystemBytecodeCache

    try:
        return FileSystemBytecodeCache(pattern="oppman_%s.cache")
    except (OSError, RuntimeError):  # no folder that is safe to read from
        return None
