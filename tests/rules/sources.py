"""The project's own source files, found the same way by every rule."""

import ast
from collections.abc import Iterator
from pathlib import Path


def python_files(folder: Path) -> Iterator[Path]:
    """Every Python file under folder, in name order."""
    return iter(sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts))


def module_name(path: Path, project: Path) -> str:
    """The dotted name of a file: emoweb/live/socket/consumer.py is emoweb.live.socket.consumer."""
    parts = path.relative_to(project).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imported_names(tree: ast.Module, module: str, is_package: bool, types_too: bool = False) -> set[str]:
    """Dotted names a module imports, wherever in the file; for type checking alone only with `types_too`.

    `from a import b` gives both `a` and `a.b`: which of them is a module is for the caller to see.
    """
    skipped = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and _is_type_checking(node) and not types_too
        for statement in node.body
        for child in ast.walk(statement)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package)
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return names


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])
