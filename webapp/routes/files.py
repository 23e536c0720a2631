"""How a stored file is sent. The middleware adds nosniff, so that no browser takes it for something else."""

from typing import Any

from fastapi.responses import FileResponse as Sent

from webapp import uploads

__all__ = ["FILE", "IMAGE", "Sent", "send_file", "send_image"]

_KEPT_NOWHERE = {"Cache-Control": "no-store"}  # a shared computer's cache is no place for what only some may see


def send_image(name: str) -> Sent:
    """A stored picture, to be shown. `NotFound` if it is not there."""
    return Sent(uploads.path_of(name), media_type="image/jpeg", headers=_KEPT_NOWHERE)


def send_file(name: str) -> Sent:
    """A stored file, to be saved under the name that its sender gave it: never shown, and of no type that runs."""
    return Sent(
        uploads.path_of(name), media_type="application/octet-stream", filename=uploads.original_name(name),
        headers=_KEPT_NOWHERE,
    )  # fmt: skip


def described(media_type: str) -> dict[int | str, dict[str, Any]]:
    """What `responses=` takes for the file that a route sends."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file.", "content": {media_type: binary}}}


IMAGE = described("image/jpeg")
FILE = described("application/octet-stream")
