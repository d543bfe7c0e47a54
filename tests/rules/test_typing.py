"""The library is typed for those who use it: a program of theirs passes mypy, and wrong calls do not."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parent / "client.py"
WRONG = {
    "recognizer(3)\n": "call-overload",
    'recognizer("photo.jpg", color="hsv")\n': "call-overload",
    'Recognizer(detail="best")\n': "arg-type",
    "recognizer.stream(3)\n": "arg-type",
    'result.faces[0].label = "sad"\n': "misc",
    'result.faces[0].probabilities["sad"] = 1.0\n': "index",
    'result.to_dict()["people"]\n': "typeddict-item",
}


def checked(program: str, folder: Path, project: Path) -> list[str]:
    """Return mypy's complaints about a program that has the library installed."""
    file = folder / "program.py"
    file.write_text(program)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"),
            # As for an installed package: what it contains is used and not checked.
            *("--follow-imports", "silent", "--config-file", "", "--cache-dir", str(folder / "cache")),
            str(file),
        ],
        cwd=folder,
        env={"MYPYPATH": str(project), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_a_program_of_a_user_passes_and_wrong_calls_are_found(tmp_path: Path, project: Path) -> None:
    right = CLIENT.read_text("utf-8")
    lines = checked(right + "".join(WRONG), tmp_path, project)

    first = len(right.splitlines()) + 1
    found = {int(line.split(":")[1]) - first: line for line in lines if ": error: " in line}
    assert {number: line for number, line in found.items() if number < 0} == {}
    for number, (wrong, code) in enumerate(WRONG.items()):
        assert f"[{code}]" in found.get(number, ""), (wrong, found)


def test_the_package_says_that_it_is_typed(project: Path) -> None:
    assert (project / "recognition" / "py.typed").is_file()


@pytest.mark.parametrize(
    "module", ["recognizer", "results", "stream_times", "images/inputs", "options", "types", "errors"]
)
def test_what_users_call_is_typed_without_any(project: Path, module: str) -> None:
    tree = ast.parse((project / "recognition" / f"{module}.py").read_text("utf-8"))
    assert "Any" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
