"""No function is longer than a screen."""

import ast
from pathlib import Path

import pytest

from tests.rules.sources import python_files

LONGEST = 60  # lines, from `def` to the last statement


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("package", ["emoweb", "recognition"])
def test_no_function_is_over_sixty_lines(project: Path, package: str) -> None:
    too_long = [
        f"{path.relative_to(project)}:{function.lineno} {function.name}: {length} lines"
        for path in python_files(project / package)
        for function in _functions(ast.parse(path.read_text("utf-8")))
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > LONGEST
    ]
    assert not too_long, "\n".join(too_long)
