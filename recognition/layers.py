"""Which part of the package's dependencies a missing module belongs to, and how to install it."""

from importlib.util import find_spec
from typing import Final

from recognition.errors import DependencyMissing
from recognition.folders import is_installed

# Top-level module -> the extra of pyproject.toml that installs it. Predicting on a CPU needs none of them.
_EXTRAS: Final = {
    "aiohttp": "site",
    "matplotlib": "train",
    "onnxscript": "train",
    "ray": "cluster",
    "scipy": "train",
    "sklearn": "train",
    "torch": "train",
    "torchvision": "train",
    "ultralytics": "train",
}


def has_torch() -> bool:
    """Return whether torch is installed, without importing it."""
    return find_spec("torch") is not None


def dependency_missing(error: ModuleNotFoundError, purpose: str) -> DependencyMissing | None:
    """Return the error that says how to install what `purpose` needs; None if no extra contains it."""
    module = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(module)
    return None if extra is None else DependencyMissing(f"{purpose} needs {module}: {how_to_install(extra)}")


def how_to_install(extra: str) -> str:
    """Return the sentence that says how to install an extra."""
    locked = f".venv/bin/python -m pip install -r requirements/{extra}.txt"
    return f"run `pip install 'emoweb[{extra}]'`." if is_installed() else f"run `{locked}`."
