"""SQL as `op.execute` takes it."""

import re


def without_parameters(sql: str) -> str:
    """The same SQL, in which a colon begins no parameter."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)
