"""Fill in a stub. `<<name>>` is what a stub holds; Jinja's HTML, Python and TOML pass through untouched."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

PLACE = re.compile(r"<<(\w+)>>")
STUBS = Path(__file__).parent / "stubs"


def render(stub: str, values: Mapping[str, str]) -> str:
    """`stub` with each `<<name>>` replaced by its value. A name without a value is a KeyError: the stub is ours."""
    return PLACE.sub(lambda match: values[match.group(1)], stub)


def render_stub(name: str, /, **values: Any) -> str:
    """The stub at `name`, filled in by Jinja with `<< >>` and `<% %>`."""
    return _environment().get_template(name).render(**values)


@lru_cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(  # noqa: S701 - what it makes is Python and templates, which must come out as they are
        loader=FileSystemLoader(STUBS), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>", comment_start_string="<#", comment_end_string="#>",
    )  # fmt: skip
