"""The image files in folders: the only module that walks a user's folders and decides what is skipped."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from recognition.errors import DataError
from recognition.images.decoding import IMAGE_SUFFIXES

# What Synology, QNAP, Windows and Linux create beside a user's files, some with copies of them.
SYSTEM_FOLDERS = frozenset(
    {
        *("@eadir", "@recycle", "@recently-snapshot", "@tmp", "#recycle", "#snapshot"),
        *("$recycle.bin", "recycler", "system volume information", "lost+found"),
    }
)


def is_hidden(name: str, *, folder: bool = False) -> bool:
    """Return whether a file or folder of this name is hidden, or was created by a system and not by its user.

    `._x.png` is macOS' AppleDouble file of x.png; `__MACOSX` and `__pycache__` are folders of that kind.
    """
    return name.startswith(".") or (folder and (name.startswith("__") or name.lower() in SYSTEM_FOLDERS))


def subfolders(folder: Path) -> list[Path]:
    """Return the folders inside in name order, without hidden and system folders. Raises DataError."""
    return sorted(entry for entry in _entries(folder) if entry.is_dir())


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder itself in name order, without hidden ones. Raises DataError."""
    return sorted(entry for entry in _entries(folder) if entry.is_file())


def images_in(folder: Path) -> list[Path]:
    """Return the images of a folder itself in name order. Raises DataError."""
    return [file for file in files_in(folder) if _is_image(file.name)]


def images_below(folder: Path) -> list[Path]:
    """Return the images in a folder and its subfolders in name order. Raises DataError."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_refuse):
        # What is removed from the list here is not entered.
        folders[:] = [name for name in folders if not is_hidden(name, folder=True)]
        files = (Path(place, name) for name in names if _is_image(name) and not is_hidden(name))
        found += [file for file in files if file.is_file()]
    return sorted(found)


def image_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files as named, and the images in each folder and its subfolders, in name order.

    Raises DataError for a folder without an image.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        images = images_below(path)
        if not images:
            known = ", ".join(sorted(IMAGE_SUFFIXES))
            raise DataError(
                f"{path} contains no image ({known}; hidden and system files are skipped); "
                "choose a folder with images."
            )
        yield from images


def printable(path: Path | str) -> str:
    """Return a path as text for any file or terminal: bytes that are not UTF-8 become `\\xe9` or the like."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122


def _entries(folder: Path) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        _refuse(error)
    return [entry for entry in entries if not is_hidden(entry.name, folder=entry.is_dir())]


def _refuse(error: OSError) -> NoReturn:
    raise DataError(f"{error.filename} cannot be read ({error.strerror}); check its permissions.") from error
