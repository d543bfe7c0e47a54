"""`emoweb`: the site's commands and the library's in one command line; also `python -m emoweb`."""

from __future__ import annotations

import os
import sys
from typing import Final

# name -> (command of manage.py and the options it gets first, one line of help)
SITE_COMMANDS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "serve": (("serve", "--set-up", "--worker"), "serve the site; prepares what is missing"),
    "work": (("work",), "analyze videos, beside `serve` or on another machine"),
    "set-up": (("set_up",), "prepare the database, the translations and the static files"),
    "migrate": (("migrate",), "update the database to this version"),
    "check": (("check",), "report invalid settings"),
    "backup": (("backup",), "copy the SQLite database while the site runs"),
    "prune-history": (("prune_history",), "delete old sessions"),
    "delete-data": (("delete_data",), "delete everything that a feature has stored"),
}


def main(words: list[str] | None = None) -> int:
    """Run a command of the site or of the library, and return its exit code."""
    words = sys.argv[1:] if words is None else words
    if words[:1] and words[0] in SITE_COMMANDS:
        command, _ = SITE_COMMANDS[words[0]]
        return manage(["emoweb", *command, *words[1:]])
    # Imported here: where a system library is missing, the site's commands report it as one sentence.
    from recognition.cli.main import main as library_main

    helps = {name: help_text for name, (_, help_text) in SITE_COMMANDS.items()}
    return library_main(words, program="emoweb", others=helps)


def manage(arguments: list[str]) -> int:
    """Run a command of manage.py; `arguments` start with the program's name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emoweb.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        print(
            "error: the site's commands need Django: install it with `pip install 'emoweb[site,video]'`.",
            file=sys.stderr,
        )
        return 1
    execute_from_command_line(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
