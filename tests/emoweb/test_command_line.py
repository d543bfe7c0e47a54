"""`emoweb`: one command line for the site's commands and the library's."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from emoweb import __main__ as command_line
from recognition.cli.main import COMMANDS


def test_the_help_lists_the_commands_of_the_site_and_of_the_library(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        command_line.main(["--help"])
    shown = capsys.readouterr().out
    assert end.value.code == 0
    assert shown.startswith("usage: emoweb ")
    assert [name for name in (*command_line.SITE_COMMANDS, *COMMANDS) if f"\n    {name}" not in shown] == []


def test_no_command_of_the_site_hides_one_of_the_library() -> None:
    assert not set(command_line.SITE_COMMANDS) & set(COMMANDS)


HELP_OF_EACH = """
from contextlib import suppress
from emoweb.__main__ import SITE_COMMANDS, main
for name in SITE_COMMANDS:
    with suppress(SystemExit):
        main([name, "--help"])
"""


def test_a_command_of_the_site_is_the_one_of_manage_py() -> None:
    # In a process of its own: each call sets up Django's logging again, and `serve` installs its reactor.
    shown = subprocess.run(
        [sys.executable, "-c", HELP_OF_EACH], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    usages = re.findall(r"^usage: emoweb (\S+)", shown, re.MULTILINE)
    assert usages == [command for (command, *_), _ in command_line.SITE_COMMANDS.values()]


def test_a_command_of_the_library_gets_its_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["duplicates", "--data", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_without_django_the_sites_commands_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "django.core.management", None)
    assert command_line.main(["check"]) == 1
    assert capsys.readouterr().err == (
        "error: the site's commands need Django: install it with `pip install 'emoweb[site,video]'`.\n"
    )
