"""The public surface is a list you can read, sorted, and true."""

import importlib

import pytest


@pytest.mark.parametrize("package", ["recognition"])
def test_all_is_sorted_and_holds_each_name_once(package: str) -> None:
    names = importlib.import_module(package).__all__
    assert list(names) == sorted(set(names), key=lambda name: (not name.isupper(), name.islower(), name))


@pytest.mark.parametrize("package", ["recognition"])
def test_every_public_name_can_be_had(package: str) -> None:
    module = importlib.import_module(package)
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert missing == []


@pytest.mark.parametrize("package", ["recognition"])
def test_dir_shows_no_public_name_that_all_leaves_out(package: str) -> None:
    module = importlib.import_module(package)
    own = {
        name
        for name in dir(module)
        if not name.startswith("_")
        and getattr(getattr(module, name), "__module__", "").startswith(f"{package}.")
    }
    assert own <= set(module.__all__)
