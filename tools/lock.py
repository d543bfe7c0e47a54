"""Compiles requirements/*.txt, exact versions with hashes, from the ranges in pyproject.toml; needs uv.

Versions that are already locked are kept while the ranges allow them; `--upgrade` takes the newest ones, and
`--upgrade-package NAME` those of one package. Each file lists what its layer adds to the files it includes.
`--ranges FILE...` prints instead the ranges behind the files, for other platforms than Linux x86-64.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

PROJECT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = PROJECT / "requirements"
HEADER: Final = "# Compiled by tools/lock.py from pyproject.toml, for CPython on Linux x86-64; do not edit.\n"
BLOCK: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)(==.+(?:\n {4}--hash=.+)*)\n", re.MULTILINE)


class Layer(NamedTuple):
    """What a file locks, the library with some of its extras or a group, and the files it includes."""

    extras: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    group: str = ""


# A layer comes after those that it includes.
LAYERS: Final[dict[str, Layer]] = {
    "core": Layer(),
    "site": Layer(("site",), ("core",)),
    "video": Layer(("video",), ("core",)),
    "gpu": Layer(("gpu",), ("core",)),
    "train": Layer(("train",), ("gpu",)),
    "cluster": Layer(("site", "gpu", "cluster"), ("site", "gpu")),
    "dev": Layer(("site", "video", "train", "dev"), ("site", "video", "train")),
    "published": Layer(group="published"),
    "node": Layer(group="node"),
}


def locked(text: str) -> dict[str, str]:
    """Return the packages that a file locks: name -> its lines, from the version to the last hash."""
    return dict(BLOCK.findall(text))


def included(name: str) -> set[str]:
    """Return the names of the files that a file includes, directly or through others."""
    direct = LAYERS[name].includes
    return {*direct, *(further for include in direct for further in included(include))}


def ranges(files: list[str]) -> list[str]:
    """Return pyproject's ranges of what the files lock, for platforms that they are not for."""
    project = _pyproject()
    wanted = {name: None for file in files for name in _layers_of(PROJECT / file)}
    found = [] if all(LAYERS[name].group for name in wanted) else list(project["project"]["dependencies"])
    for name in wanted:
        for extra in LAYERS[name].extras:
            found += project["project"]["optional-dependencies"][extra]
        found += project["dependency-groups"].get(LAYERS[name].group, [])
    return [line for line in dict.fromkeys(found) if not line.startswith("emoweb[")]


def _layers_of(file: Path) -> list[str]:
    """Return the layers that a file stands for, or that the files stand for which it includes."""
    if file.parent == FOLDER:
        return [*included(file.stem), file.stem]
    lines = re.findall(r"^-r (\S+)", file.read_text("utf-8"), re.MULTILINE)
    return [name for line in lines for name in _layers_of(file.parent / line)]


def main(options: list[str]) -> None:
    """Write every file; `options` go to the compilation that chooses the versions."""
    if not shutil.which("uv"):
        sys.exit("uv is missing: install it, for example with `python -m pip install uv`.")
    environment = _pyproject()["tool"]["uv"]["environments"][0]
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder) / "versions.txt"
        versions.write_text(_locked_versions(), "utf-8")
        _compile(*_sources(*LAYERS.values()), "--output-file", str(versions), *options)
        files: dict[str, dict[str, str]] = {}
        for name, layer in LAYERS.items():
            text = _compile(*_sources(layer), "--generate-hashes", "--constraints", str(versions))
            elsewhere = {package for include in included(name) for package in files[include]}
            packages = locked(_without_the_environment(text, environment))
            files[name] = {key: lines for key, lines in packages.items() if key not in elsewhere}
            _write(name, files[name])


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


def _locked_versions() -> str:
    """Return the versions of the present files, which the compilation prefers, one a line."""
    texts = [path.read_text("utf-8") for path in FOLDER.glob("*.txt")]
    pins = {name: lines.split()[0] for text in texts for name, lines in locked(text).items()}
    return "".join(f"{name}{version}\n" for name, version in pins.items())


def _sources(*layers: Layer) -> list[str]:
    extras = {extra for layer in layers for extra in layer.extras}
    groups = [f"--group=pyproject.toml:{layer.group}" for layer in layers if layer.group]
    library = [] if all(layer.group for layer in layers) else ["pyproject.toml"]
    return [*library, *(f"--extra={extra}" for extra in sorted(extras)), *groups]


def _compile(*arguments: str) -> str:
    shared = ["--quiet", "--universal", "--python-version=3.11", "--no-header", "--no-annotate"]
    command = ["uv", "pip", "compile", *shared, *arguments]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def _without_the_environment(text: str, environment: str) -> str:
    """Drop from every marker what holds for all that the files are for."""
    for condition in environment.replace("python_version", "python_full_version").split(" and "):
        text = text.replace(f" and {condition}", "").replace(f" ; {condition}", " ;")
    return text.replace(" ; and ", " ; ").replace(" ; \\\n", " \\\n")


def _write(name: str, packages: dict[str, str]) -> None:
    includes = "".join(f"-r {include}.txt\n" for include in LAYERS[name].includes)
    lines = "".join(f"{package}{rest}\n" for package, rest in sorted(packages.items()))
    (FOLDER / f"{name}.txt").write_text(f"{HEADER}{includes}{lines}", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ranges"]:
        print("\n".join(ranges(sys.argv[2:])))
    else:
        main(sys.argv[1:])
