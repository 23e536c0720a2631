"""Photos: whatever is sent is decoded, turned upright, made small and written anew as JPEG.

So nothing that somebody hid in a file is ever stored or served. Decoding happens in a thread.
"""

import asyncio
import re
import secrets
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from webapp.errors import Invalid, NotFound
from webapp.settings import get_settings

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000  # what a phone takes; decoded they are 120 MB
SIDE = 800  # pixels of the longer side of a stored photo

_FORMATS = ("JPEG", "PNG", "WEBP")
_NAME = re.compile(r"[0-9a-f]{32}\.jpg")
_BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


async def store(data: bytes) -> str:
    """Keep the photo and return its file name. `Invalid` (field `photo`) if it is none, or too large."""
    if len(data) > MAX_BYTES:
        raise _invalid("The file is too large.", f"Send at most {MAX_BYTES // 1024**2} MB.")
    return await asyncio.to_thread(_store, data)


async def remove(name: str) -> None:
    """Delete a stored photo; no error if it is gone already."""
    await asyncio.to_thread(discard, name)


def discard(name: str) -> None:
    """`remove` for where one cannot await."""
    _path(name).unlink(missing_ok=True)


def path_of(name: str) -> Path:
    """Where a stored photo is. `NotFound` if it is not there."""
    path = _path(name)
    if not path.is_file():
        raise NotFound("There is no such photo.")
    return path


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise NotFound("There is no such photo.")
    return get_settings().upload_dir / name


def _store(data: bytes) -> str:
    try:
        small = _small(data)
    except _BROKEN:
        raise _invalid("This is not a photo that can be read.", "Send a JPEG, PNG or WebP file.") from None
    path = _path(f"{secrets.token_hex(16)}.jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(small)
    return path.name


def _small(data: bytes) -> bytes:
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _invalid("The picture has too many pixels.", f"Send at most {MAX_PIXELS // 10**6} megapixels.")
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is decoded small at once
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE, SIDE))
        colours = upright.convert("RGBA")
        flat = Image.new("RGB", colours.size, "white")
        flat.paste(colours, mask=colours.getchannel("A"))
    written = BytesIO()
    flat.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def _invalid(message: str, hint: str) -> Invalid:
    return Invalid(message, hint, {"photo": f"{message} {hint}"})
