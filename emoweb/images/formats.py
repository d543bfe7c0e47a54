"""The image formats that this site reads: their names, and what a file picker accepts."""

from __future__ import annotations

from typing import Final

# In the order in which they are named. The command line reads TIFF too; here it is seldom what was meant.
NAMES: Final = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WebP",
    "gif": "GIF",
    "bmp": "BMP",
    "avif": "AVIF",
    "heic": "HEIC",
}
# Systems that do not know a format give its files no type, so the extensions are listed too.
_ACCEPTED: Final = {
    "jpeg": ("image/jpeg", ".jfif", ".jpe"),
    "avif": ("image/avif", ".avif"),
    "heic": ("image/heic", "image/heif", ".heic", ".heif", ".hif"),
}


def kinds() -> list[str]:
    """Return the kinds that are read, as `image_kind` names them."""
    # Imported here: the server's start imports this module, and reports a missing system library itself.
    from recognition import extra_image_formats_allowed, readable_kinds

    readable = readable_kinds(extra_formats=extra_image_formats_allowed())
    return [kind for kind in NAMES if kind in readable]


def names() -> str:
    """Return the formats' names, to be shown."""
    return ", ".join(NAMES[kind] for kind in kinds())


def accepted() -> str:
    """Return the value of a file picker's `accept`."""
    return ",".join(word for kind in kinds() for word in _ACCEPTED.get(kind, (f"image/{kind}",)))
