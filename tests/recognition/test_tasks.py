"""The registry of tasks: what an entry needs, and how others add theirs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from recognition.folders import default_weights_folder
from recognition.models.cards import load_cards
from recognition.models.tasks import (
    DEFAULT_TASK,
    FACE_DETECTOR,
    LABEL_SETS,
    TASKS,
    LabelSet,
    Task,
    permitted_tasks,
    register_task,
)

TOYS = Task(
    name="toys",
    title="Toys",
    scope="image",
    label_names={"no_toy": "No toy"},
    subject="Toy",
    unknown="no_toy",
)
MOODS = Task(
    name="moods", title="Moods", scope="face", label_sets={"mood2": LabelSet("2", ("calm", "tense"))}
)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """The registry as it is, again after the test."""
    tasks, label_sets = dict(TASKS), dict(LABEL_SETS)
    yield
    for now, before in ((TASKS, tasks), (LABEL_SETS, label_sets)):
        now.clear()
        now.update(before)


def test_the_default_task_comes_first_and_every_entry_has_its_own_name() -> None:
    assert next(iter(TASKS)) == DEFAULT_TASK.name
    assert [task.name for task in TASKS.values()] == list(TASKS)
    assert [name for name, task in TASKS.items() if task.scope == "detector"] == [FACE_DETECTOR.name]


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": ""},
        {"unknown": ""},
        {"unknown": "no_sign"},
        {"scope": "face"},
        {"scope": "detector"},
        {"scope": "face", "subject": "", "unknown": "", "guided": True},
    ],
)
def test_an_entry_that_is_incomplete_or_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="toys"):
        replace(TOYS, **fields)


def test_a_registered_task_is_the_last_and_its_label_sets_are_known() -> None:
    register_task(MOODS)
    assert list(TASKS)[-1] == "moods"
    assert LABEL_SETS["mood2"] == ("calm", "tense")


@pytest.mark.parametrize(
    "task", [replace(TOYS, name="scenes"), replace(MOODS, label_sets=DEFAULT_TASK.label_sets)]
)
def test_a_name_that_is_taken_is_refused_and_nothing_changes(task: Task) -> None:
    tasks, label_sets = dict(TASKS), dict(LABEL_SETS)
    with pytest.raises(ValueError, match=task.name):
        register_task(task)
    assert (tasks, label_sets) == (TASKS, LABEL_SETS)


@pytest.mark.parametrize(("value", "permitted"), [("on", {"perceived_gender"}), ("off", set()), ("", set())])
def test_a_task_that_needs_permission_is_off_unless_the_operator_allows_it(
    monkeypatch: pytest.MonkeyPatch, value: str, permitted: set[str]
) -> None:
    monkeypatch.setenv("PERCEIVED_GENDER", value)
    assert permitted_tasks() == permitted


@pytest.mark.parametrize("task", ["emotion", "scenes", "perceived_gender"])
def test_every_label_of_the_served_models_of_a_task_has_a_name(task: str) -> None:
    cards = [card for card in load_cards(default_weights_folder()).values() if card.task == task]
    assert cards
    for card in cards:
        labels = {label for head in card.heads for label in head.labels}
        assert labels <= card.task_definition.label_names.keys()


def test_the_labels_of_every_label_set_have_names() -> None:
    for task in TASKS.values():
        for label_set in task.label_sets.values():
            assert task.label_names.keys() >= set(label_set.labels)
