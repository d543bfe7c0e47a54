"""A site whose engine runs in another process: the same answers, and what happens while it is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recognition import Card, load_cards
from tests.browser.site import Site
from tests.emoweb.protocol.client import Client, fetch_json
from tests.engine_process import EngineProcess

pytestmark = pytest.mark.process
PATIENCE_S = 120.0


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineProcess]:
    running = EngineProcess(tmp_path / "engine.log")
    running.start()
    yield running
    running.kill()


def result_within(client: Client, faces: bytes, seq: int) -> tuple[dict[str, Any], int]:
    """Show the picture until there is a result; return it and the next number."""
    end = time.monotonic() + PATIENCE_S
    while True:
        answer = client.ask(seq, faces)
        seq += 1
        if answer["type"] == "result":
            return answer, seq
        assert time.monotonic() < end, answer


def test_an_engine_returns_its_complete_cards(engine: EngineProcess, project: Path) -> None:
    shown = fetch_json(engine.url, "/v1/models")
    served = {card["name"]: card for card in shown["models"]}
    file = project / "weights" / "se_resnet.json"
    assert msgspec.convert(served["se_resnet"], Card) == load_cards(file.parent)["se_resnet"]
    assert all(len(card["sha256"]) == 64 for card in shown["models"])
    assert set(shown["detector_ms"]) == {"fast", "balanced", "far"}


def test_a_site_goes_on_when_its_engine_dies_and_comes_back(
    engine: EngineProcess, own_site: Callable[..., Site], faces: bytes
) -> None:
    site = own_site(ENGINE_URL=engine.url)
    client = Client(site.address)
    assert client.hello()["device"] == "cpu"
    result, seq = result_within(client, faces, 1)
    assert len(result["faces"]) == 2
    first = {face["id"] for face in result["faces"]}

    engine.kill()
    for _ in range(3):
        answer = client.ask(seq, faces)
        seq += 1
        assert (answer["type"], answer["reason"]) == ("drop", "failed")
    wait_for(lambda: fetch_json(site.address, "/health")["status"] == "degraded")

    engine.start()
    wait_for(lambda: fetch_json(site.address, "/health")["status"] == "ready")
    result, _ = result_within(client, faces, seq)
    assert result["faces"]
    assert min(face["id"] for face in result["faces"]) >= min(first), "the session is the same"
    client.close()
    assert engine.stop() == 0


def test_a_site_waits_for_an_engine_that_is_not_there_yet(tmp_path: Path, faces: bytes) -> None:
    engine = EngineProcess(tmp_path / "engine.log")
    site = Site(tmp_path, ENGINE_URL=engine.url)
    site._run_once("manage.py", "set_up")
    site._serve()
    wait_for(lambda: site.health().get("status") == "starting")
    engine.start()
    site.wait_until_ready()
    client = Client(site.address)
    client.hello()
    assert result_within(client, faces, 1)[0]["faces"]
    client.close()
    site.stop()
    engine.kill()
