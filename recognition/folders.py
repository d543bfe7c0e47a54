"""Where weights and prepared exports lie, and what the operator allows, as the environment says."""

import os
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent


def default_weights_folder() -> Path:
    """`WEIGHTS`, by default `weights/` beside this package."""
    return Path(os.environ.get("WEIGHTS") or _PROJECT / "weights")


def default_cache_folder() -> Path:
    """`EMOWEB_CACHE`, by default `.cache/` beside the weights folder."""
    return Path(os.environ.get("EMOWEB_CACHE") or default_weights_folder().parent / ".cache")


def perceived_gender_allowed() -> bool:
    """`PERCEIVED_GENDER`: off unless the operator switched it on."""
    return os.environ.get("PERCEIVED_GENDER", "").strip().lower() in {"1", "true", "yes", "on"}


def extra_image_formats_allowed() -> bool:
    """`EXTRA_IMAGE_FORMATS`: whether AVIF and HEIC are read; on unless the operator switched it off."""
    return os.environ.get("EXTRA_IMAGE_FORMATS", "").strip().lower() not in {"0", "false", "no", "off"}
