"""Fill in a stub. `<<name>>` is what a stub holds; Jinja's HTML, Python and TOML pass through untouched."""

import re
from collections.abc import Mapping

PLACE = re.compile(r"<<(\w+)>>")


def render(stub: str, values: Mapping[str, str]) -> str:
    """`stub` with each `<<name>>` replaced by its value. A name without a value is a KeyError: the stub is ours."""
    return PLACE.sub(lambda match: values[match.group(1)], stub)
