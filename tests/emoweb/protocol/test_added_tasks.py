"""Two tasks that an installed package adds: with their weights, the site serves them like its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.added_tasks import TOYS, site_with_added_tasks
from tests.browser.site import Site
from tests.emoweb.person import Person
from tests.emoweb.protocol.client import Client, fetch_json
from tests.emoweb.protocol.web_visitor import WebVisitor

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server beside which the package is installed."""
    with site_with_added_tasks(tmp_path_factory.mktemp("added")) as running:
        yield running


def page_json(page: str, name: str) -> Any:
    """Return what a page carries for its scripts."""
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


# "Image" and "Street" are translated by the site already; the other texts of the entry have no translation.
@pytest.mark.parametrize("path", ["/photo/", "/"])
@pytest.mark.parametrize(("language", "subject"), [("en", "Image"), ("vi", "Ảnh")])
def test_the_pages_describe_the_tasks_to_their_scripts(
    site: Site, path: str, language: str, subject: str
) -> None:
    page = Person(site.address, language).open(path).page
    tasks = page_json(page, "photo-texts" if path == "/photo/" else "live-texts")["tasks"]
    assert list(tasks)[-2:] == ["toys", "moods"]
    assert tasks["toys"] == {
        "name": "toys",
        "title": "Toys",
        "frame_level": True,
        "label_sets": False,
        "subject": subject,
        "uncertain": "No toy",
        "guided": True,
        "titled_results": False,
    }
    assert (tasks["moods"]["frame_level"], tasks["moods"]["label_sets"]) == (False, True)


def test_the_image_page_offers_the_models_and_names_their_labels(site: Site) -> None:
    page = Person(site.address, "vi").open("/photo/").page
    assert '<option value="toy_finder">Toys</option>' in page
    texts = page_json(page, "photo-texts")
    assert texts["labels"]["robot"] == "Robot"
    assert texts["labels"]["street"] == "Đường phố"
    assert texts["label_sets"]["mood2"] == "Two moods"
    (model,) = (one for one in page_json(page, "photo-site")["models"] if one["name"] == "mood_finder")
    assert (model["task"], model["label_sets"]) == ("moods", ["mood2"])


def test_the_image_page_classifies_an_image(site: Site, faces: bytes) -> None:
    answer = WebVisitor(site.address).post("/photo/analyse/?model=toy_finder", faces, "image/jpeg")
    assert answer["faces"] == []
    assert sorted(answer["picture"]["probabilities"]) == sorted(TOYS)


def test_the_api_lists_the_models_and_classifies_images_and_faces(site: Site, faces: bytes) -> None:
    models = {model["name"]: model for model in fetch_json(site.address, "/api/v1/models")["models"]}
    assert models["toy_finder"]["task"] == "toys"
    assert models["mood_finder"]["label_sets"] == ["mood2"]
    assert analyzed(site, faces, "toy_finder")["picture"]["label"] in TOYS
    found = analyzed(site, faces, "mood_finder")["faces"]
    assert [sorted(face["probabilities"]) for face in found] == [["calm", "tense"]] * 2


def analyzed(site: Site, image: bytes, model: str) -> Any:
    """Return what the API answers to an image."""
    request = Request(f"{site.address}/api/v1/analyze?model={model}", image, {"Content-Type": "image/jpeg"})
    with urlopen(request, timeout=60) as response:
        return json.load(response)


def test_the_models_page_shows_their_cards(site: Site) -> None:
    page = Person(site.address).open("/models/").page
    assert re.findall(r'<article[^>]* id="(\w+)"', page) == [
        *("se_resnet", "face_yolov8n", "toy_finder", "mood_finder"),
    ]
    assert page.count('<span class="chip">Toys</span>') == 1


def test_live_frames_are_classified_and_recorded(site: Site, faces: bytes) -> None:
    client = Client(site.address)
    welcome = client.hello(model="toy_finder")
    offered = {model["name"]: model["task"] for model in welcome["models"]}
    assert offered == {"se_resnet": "emotion", "toy_finder": "toys", "mood_finder": "moods"}
    assert welcome["labels"] == list(TOYS)
    result = client.result(1, faces)
    assert (result["faces"], len(result["picture"]["probabilities"])) == ([], len(TOYS))
    client.say("settings", model="mood_finder")
    assert client.receive("settings")["labels"] == ["calm", "tense"]
    assert len(client.result(100, faces)["faces"]) == 2
    client.say("settings", model="toy_finder")
    again = client.receive("settings")
    client.result(200, faces)
    client.bye()
    page = Person(site.address, cookies=client.cookie).open(f"/history/{again['session']}/").page
    assert '<h2 id="face-0">Image</h2>' in page
    assert re.search(r"Robot|Street|Teddy bear|No toy", page)


def test_the_live_page_shows_the_hint(site: Site) -> None:
    page = Person(site.address).open("/").page
    assert re.search(r'data-of="toys" hidden data-testid="task-hint">Hold up a toy\.<', page)


def test_commands_know_the_tasks_too(site: Site, zidane_jpg: Path) -> None:
    command = [sys.executable, "-m", "recognition", "predict", "--json", "--model", "toy_finder"]
    done = subprocess.run(
        [*command, str(zidane_jpg)], cwd=site.project, env=site.environment, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["picture"]["label"] in TOYS


def test_without_the_package_the_server_says_which_task_is_missing(site: Site) -> None:
    environment = {name: value for name, value in site.environment.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "recognition", "prepare"],
        cwd=site.project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "needs the task 'moods'; install the package that adds it" in done.stderr
