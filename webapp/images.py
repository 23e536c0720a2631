"""Pictures: whatever is sent is decoded, turned upright, made small and written anew as JPEG.

So nothing that somebody hid in a file is ever stored or served.
"""

from io import BytesIO

from PIL import Image, ImageOps

from webapp.errors import Invalid

MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000  # what a phone takes; decoded they are 120 MB
SIDE = 800  # pixels of the longer side of a stored picture

_FORMATS = ("JPEG", "PNG", "WEBP")
_BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def small_jpeg(data: bytes, field: str) -> bytes:
    """The picture as a small JPEG. `Invalid`, by the name of the field, if it is none or too large. Takes its time."""
    if len(data) > MAX_IMAGE_BYTES:
        raise _invalid(field, "The file is too large.", f"Send at most {MAX_IMAGE_BYTES // 1024**2} MB.")
    try:
        return _small(data, field)
    except _BROKEN:
        raise _invalid(field, "This is not a picture that can be read.", "Send a JPEG, PNG or WebP file.") from None


def _small(data: bytes, field: str) -> bytes:
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _invalid(field, "The picture has too many pixels.", f"Send at most {MAX_PIXELS // 10**6} megapixels.")
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is decoded small at once
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE, SIDE))
        colours = upright.convert("RGBA")
        flat = Image.new("RGB", colours.size, "white")
        flat.paste(colours, mask=colours.getchannel("A"))
    written = BytesIO()
    flat.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def _invalid(field: str, message: str, hint: str) -> Invalid:
    return Invalid(message, hint, {field: f"{message} {hint}"})
