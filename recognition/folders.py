"""The folders of weights and measurements, and what the operator allows, from the environment.

The only module that reads these variables, for the command line and for a site that uses the library.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

_PACKAGE: Final = Path(__file__).resolve().parent
_DATA_FOLDERS: Final = ("DATA_DIR", "EMOWEB_DATA_FOLDER")  # the site's variables: emoweb/variables.py
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


class Variable(NamedTuple):
    """An environment variable; default and description are Markdown for docs/settings.md."""

    name: str
    shown_default: str
    description: str

    @property
    def value(self) -> str:
        """What it is set to, without surrounding spaces; empty where it is not set."""
        return os.environ.get(self.name, "").strip()

    @property
    def is_on(self) -> bool:
        """Whether the operator switched it on."""
        return self.value.lower() in _YES


WEIGHTS: Final = Variable("WEIGHTS", "`weights/`", "The folder of the models and their cards.")
CACHE: Final = Variable(
    "EMOWEB_CACHE",
    "`.cache/` in a clone, otherwise `cache/` in `DATA_DIR`",
    "The folder of what `prepare` measured on this machine. It may be deleted at any time.",
)
PERCEIVED_GENDER: Final = Variable(
    "PERCEIVED_GENDER",
    "`off`",
    "`on` offers, for images, an estimate of the gender that a stranger would perceive.",
)
EXTRA_IMAGE_FORMATS: Final = Variable(
    "EXTRA_IMAGE_FORMATS",
    "`on`",
    "`off` refuses AVIF and HEIC images, on the site and on the command line: their decoders (libavif in"
    " Pillow, libheif and libde265 in pillow-heif) are the most complex ones that an uploaded file can reach."
    " Live frames never reach them.",
)
VARIABLES: Final = (WEIGHTS, CACHE, PERCEIVED_GENDER, EXTRA_IMAGE_FORMATS)
_FLAGS: Final = (PERCEIVED_GENDER, EXTRA_IMAGE_FORMATS)


def default_weights_folder() -> Path:
    """`WEIGHTS`, by default the folder that comes with this package."""
    return Path(WEIGHTS.value or (_PACKAGE / "_data" if is_installed() else _PACKAGE.parent) / "weights")


def default_cache_folder() -> Path:
    """`EMOWEB_CACHE`; by default `.cache/` beside the weights folder, and in the data folder if installed."""
    if CACHE.value:
        return Path(CACHE.value)
    return _default_data_folder() / "cache" if is_installed() else default_weights_folder().parent / ".cache"


def is_installed() -> bool:
    """Return whether this is an installed package, whose folder must not be written to, and not a clone."""
    return (_PACKAGE / "_data").is_dir()


def _default_data_folder() -> Path:
    import platformdirs

    chosen = [value for name in _DATA_FOLDERS if (value := os.environ.get(name, "").strip())]
    return Path(chosen[0]) if chosen else platformdirs.user_data_path("emoweb", appauthor=False)


def extra_image_formats_allowed() -> bool:
    """`EXTRA_IMAGE_FORMATS`: whether AVIF and HEIC are read; on unless the operator switched it off."""
    return EXTRA_IMAGE_FORMATS.value.lower() not in _NO


def wrong_variables() -> list[Variable]:
    """Return the variables that are neither on nor off and should be; they count as not set."""
    return [flag for flag in _FLAGS if flag.value and flag.value.lower() not in _YES | _NO]
