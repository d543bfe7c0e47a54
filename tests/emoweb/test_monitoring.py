"""What is counted, how it is reported, and who may read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from emoweb.live import service
from emoweb.live.monitoring import STATES
from emoweb.live.protocol import ResultTiming
from recognition import FrameDropped
from tests.emoweb.hall import Hall, run, say, settle, show


def read(text: str) -> dict[tuple[str, str], float]:
    """Return each sample's value by its name and its label's value."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    """A service that the pages see."""
    hall = Hall()
    monkeypatch.setattr(service, "current", lambda: hall.service)
    return hall


def exported(hall: Hall) -> dict[tuple[str, str], float]:
    return read(hall.service.metrics.text(hall.service.status()).decode())


def test_results_drops_and_errors_are_counted(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, _ = await hall.welcome()
        await show(viewer, 1)
        hall.engine.finish()
        await settle()
        await show(viewer, 2)
        hall.engine.fail(FrameDropped("stale"))
        await settle()
        await say(viewer, "nonsense")

    run(hall, script)
    values = exported(hall)
    assert values["emoweb_results_total", ""] == 1
    assert values["emoweb_faces_total", ""] == 1
    assert values["emoweb_drops_total", "stale"] == 1
    assert values["emoweb_errors_total", "unknown_type"] == 1
    assert values["emoweb_stage_seconds_count", "total"] == 1
    assert {stage for name, stage in values if name == "emoweb_stage_seconds_count"} == {
        *("queue", "decode", "detect", "classify", "total")
    }


def test_what_is_now_is_read_when_it_is_asked_for(hall: Hall) -> None:
    seen: list[dict[tuple[str, str], float]] = []

    async def script(hall: Hall) -> None:
        seen.append(exported(hall))
        await hall.welcome()
        seen.append(exported(hall))

    run(hall, script)
    before, after = seen
    assert (before["emoweb_viewers", ""], after["emoweb_viewers", ""]) == (0, 1)
    assert after["emoweb_capacity", ""] == 3
    assert sum(after["emoweb_state", state] for state in STATES) == 1


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.7"}, 403),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("", {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ("secret", {}, 403),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer secret", "REMOTE_ADDR": "10.0.0.7"}, 200),
    ],
)
@pytest.mark.django_db
def test_only_the_operator_reads_it(
    hall: Hall, settings: Any, token: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token
    response = Client().get("/metrics", **headers)
    assert response.status_code == status
    if status == 200:
        assert response["Content-Type"].startswith("text/plain")
        assert read(response.content.decode())["emoweb_viewers", ""] == 0
    else:
        assert b"emoweb_viewers" not in response.content


def test_the_dashboard_queries_only_exported_metrics(hall: Hall) -> None:
    dashboard = (Path(__file__).parents[2] / "deploy" / "grafana" / "emoweb.json").read_text("utf-8")
    asked = {
        name
        for panel in json.loads(dashboard)["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:emoweb|process)_\w+", target["expr"])
    }
    hall.service.metrics.drop("stale")
    hall.service.metrics.error("bad_json")
    hall.service.metrics.result(ResultTiming(*[1.0] * 5), 1)
    exported_names = {name for name, _ in exported(hall)}
    assert asked
    assert asked <= exported_names
