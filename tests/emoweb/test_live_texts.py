"""The live page says something for everything its scripts can announce."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override
from msgspec.structs import replace

from emoweb import engines
from emoweb.live.texts import detection_times, script_texts
from emoweb.texts import label_names, label_set_names, quality_names, script_tasks
from recognition import LABEL_SETS, QUALITIES, TASKS
from tests.emoweb.hall import Hall

SCRIPTS = ("camera.js", "close_policy.js", "connection.js", "live_session.js", "notice_board.js")


def _source(project: Path, name: str) -> str:
    return (project / "static" / "js" / "live" / name).read_text("utf-8")


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_notice_a_script_names_has_its_words(project: Path, name: str) -> None:
    source = _source(project, name)
    named = set(re.findall(r"(?:noticed|#end|#lost|#fail|cameraFailed)\(\"([a-z-]+)\"", source))
    named |= set(re.findall(r"\"((?:camera|server)-[a-z]+)\"", source))
    named |= set(re.findall(r"notice: \"([a-z-]+)\"", source))
    assert named
    assert named <= set(script_texts()["notices"])


def test_every_phrase_the_scripts_ask_for_is_there(project: Path) -> None:
    sources = [path.read_text("utf-8") for path in (project / "static" / "js" / "live").glob("*.js")]
    asked = {phrase for source in sources for phrase in re.findall(r"phrase\(\"(\w+)\"", source)}
    asked |= {
        f"state_{state}" for state in "idle starting live stalled paused reconnecting stopped error".split()
    }
    assert asked <= set(script_texts()["phrases"])


def test_every_cause_of_late_results_has_its_words(project: Path) -> None:
    causes = re.search(r"why results are late: (.*), or null", _source(project, "slow_watch.js"))
    assert causes
    named = re.findall(r'"(\w+)"', causes[1])
    assert named == ["connection", "server"]
    assert {f"slow-{cause}" for cause in named} <= set(script_texts()["notices"])


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_task_is_described_to_the_scripts_in_the_visitors_language(language: str) -> None:
    with override(language):
        described = script_tasks()
    assert list(described) == [name for name, task in TASKS.items() if task.scope != "detector"]
    assert described["hand_signs"] == {
        "name": "hand_signs",
        "title": "Hand signs" if language == "en" else "Ký hiệu tay",
        "frame_level": True,
        "label_sets": False,
        "subject": "Sign" if language == "en" else "Ký hiệu",
        "uncertain": "No sign" if language == "en" else "Không có ký hiệu",
        "guided": True,
        "titled_results": False,
    }
    assert described["emotion"]["uncertain"] == ("Uncertain" if language == "en" else "Không chắc chắn")


def test_the_page_carries_the_guide_square_of_the_library(client: Client) -> None:
    page = client.get("/").content.decode()
    assert '<script id="live-guide" type="application/json">{"share": 1.0}' in page


def test_the_page_starts_with_the_labels_of_the_default_task(client: Client) -> None:
    (labels,) = re.findall(
        r'id="live-first-labels" type="application/json">(.*?)<', client.get("/").content.decode()
    )
    assert json.loads(labels) == list(LABEL_SETS["fer7"])


def test_a_task_with_a_hint_shows_it_and_others_have_none(client: Client) -> None:
    page = client.get("/").content.decode()
    assert re.findall(r'data-of="(\w+)" hidden data-testid="task-hint">(\w+)', page) == [
        ("hand_signs", "Hold")
    ]


def test_every_label_of_every_label_set_has_a_name() -> None:
    assert {label for labels in LABEL_SETS.values() for label in labels} <= set(label_names())
    assert set(LABEL_SETS) <= set(label_set_names())


def test_every_detection_range_has_a_name_fastest_first() -> None:
    assert list(quality_names()) == list(QUALITIES)


def test_the_detection_times_are_shown_if_measured(client: Client) -> None:
    measured = {"fast": 4.26, "balanced": 6.04, "far": 21.7}
    assert detection_times(measured) == "Detection time: 4.3 / 6.0 / 22 ms per frame"
    with override("vi"):
        assert "4,3" in detection_times(measured)
    assert detection_times({}) == ""


def test_the_page_carries_consent_its_words_and_no_active_button_before_the_script(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'data-consent="' in page
    assert 'id="live-texts"' in page
    assert re.search(r'data-testid="consent-accept" disabled', page)
    assert re.search(r'data-testid="start" disabled', page)


def test_the_page_says_below_which_confidence_an_answer_is_uncertain(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = Hall()
    card = replace(hall.engine.models[0], thresholds={"uncertain": 0.57})
    hall.engine.catalogue = (card, *hall.engine.models[1:])
    monkeypatch.setattr(engines, "current", lambda: hall.engine)
    page = client.get("/").content.decode()
    (found,) = re.findall(r'<script id="live-uncertain" type="application/json">(.*?)</script>', page)
    shown = json.loads(found)["thresholds"]
    assert next(iter(shown)) == card.name
    assert set(shown[card.name].items()) >= {("fer7", 0.57), ("fer5", 0.57)}
    assert "uncertain_help" in script_texts()["phrases"]
