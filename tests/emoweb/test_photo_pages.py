"""The image page, the answers to its script, and the descriptions of places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from emoweb import engines
from emoweb.photo.texts import offers, script_texts
from emoweb.places import places, places_in
from emoweb.texts import label_names
from recognition import CardMissing
from tests.emoweb.hand_engine import card
from tests.emoweb.image_engine import ImageEngine, image_bytes
from tests.emoweb.recorded import LANGUAGES

PLACES = """
berlin_cathedral colosseum gaudi_casa_batllo_barcelona hagia_sophia hofburg_imperial_palace
museu_nacional_dart_de_catalunya pantheon petronas_towers rialto_bridge st_stephen_cathedral_vienna
halong_bay hochiminh_mausoleum hoian_town hue_imperial_city sapa_rice_terraces
""".split()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageEngine]:
    """The site's engine."""
    engine = ImageEngine()
    monkeypatch.setattr(engines, "current", lambda: engine)
    return engine


def send(
    client: Client, data: bytes, query: str = "", kind: str = "image/jpeg"
) -> tuple[int, dict[str, object]]:
    response = client.post(f"/photo/analyse/{query}", data, content_type=kind)
    return response.status_code, response.json()


def test_the_page_offers_what_is_served(client: Client, engine: ImageEngine) -> None:
    page = client.get("/photo/").content.decode()
    assert "Facial expressions: First" in page
    assert '<option value="places">Places</option>' in page
    assert "stranger" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert 'data-choose data-testid="photo-choose" disabled' in page


def test_the_page_says_so_where_nothing_is_served(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise CardMissing("no weights")

    monkeypatch.setattr(engines, "current", fail)
    response = client.get("/photo/")
    assert response.status_code == 200
    assert "No models available" in response.content.decode()


def test_an_image_is_answered_and_nothing_of_it_stays_in_a_cache(client: Client, engine: ImageEngine) -> None:
    response = client.post("/photo/analyse/?name=a%20b.jpg", image_bytes(), content_type="image/jpeg")
    assert response.status_code == 200
    assert response.json()["file"] == "a b.jpg"
    assert "no-store" in response["Cache-Control"]


def test_the_query_names_model_and_labels(client: Client, engine: ImageEngine) -> None:
    status, answer = send(client, image_bytes(), "?model=places&label_set=places")
    assert (status, answer["faces"]) == (200, [])
    assert "picture" in answer


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "image/png"])
def test_the_leading_bytes_count_and_not_the_type(client: Client, engine: ImageEngine, kind: str) -> None:
    assert send(client, image_bytes(), kind=kind)[0] == 200


def test_a_name_too_long_is_left_out(client: Client, engine: ImageEngine) -> None:
    status, answer = send(client, image_bytes(), f"?name={'x' * 300}")
    assert (status, answer["file"]) == (200, None)


@pytest.mark.parametrize(
    ("data", "query", "status", "code"),
    [
        (b"", "", 400, "empty"),
        (b"plain text", "", 415, "unsupported_type"),
        (image_bytes()[:-40], "", 400, "bad_image"),
        (b"\xff\xd8" + b"\0" * 20_000_000, "", 413, "too_large"),
        (image_bytes(), "?model=nobody", 400, "unknown_model"),
    ],
)
def test_refusals_are_json(
    client: Client, engine: ImageEngine, data: bytes, query: str, status: int, code: str
) -> None:
    answered, answer = send(client, data, query)
    assert answered == status
    error = answer["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert error["message"]


def test_an_image_needs_the_pages_token(engine: ImageEngine) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/photo/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    assert browser.post("/photo/analyse/", image_bytes(), content_type="image/jpeg").status_code == 403
    response = browser.post(
        "/photo/analyse/",
        image_bytes(),
        content_type="image/jpeg",
        headers={"X-CSRFToken": token.group(1)},
    )
    assert response.status_code == 200


def test_only_the_documented_methods_are_taken(client: Client, engine: ImageEngine) -> None:
    assert client.post("/photo/").status_code == 405
    assert client.get("/photo/analyse/").status_code == 405


def test_models_of_one_task_are_distinguished_by_their_titles() -> None:
    one, other, places_card = card("one"), card("other"), card("places", ("pantheon",), task="places")
    assert [offer.words for offer in offers([one, places_card])] == ["Facial expressions", "Places"]
    assert [offer.words for offer in offers([one, other])] == [
        "Facial expressions: One",
        "Facial expressions: Other",
    ]


def test_gender_is_worded_as_perceived() -> None:
    assert offers([card("g", ("men", "women"), task="perceived_gender")])[0].words == ("Perceived gender")
    tasks = script_texts()["tasks"]
    assert isinstance(tasks, dict)
    assert [name for name, task in tasks.items() if task["titled_results"]] == ["perceived_gender"]


def test_every_phrase_the_scripts_ask_for_is_there(project: Path) -> None:
    sources = [path.read_text("utf-8") for path in (project / "static" / "js" / "photo").glob("*.js")]
    texts = script_texts()
    phrases, plurals = texts["phrases"], texts["plurals"]
    assert isinstance(phrases, dict)
    assert isinstance(plurals, dict)
    asked = {phrase for source in sources for phrase in re.findall(r"phrase\(\"(\w+)\"", source)}
    asked |= {"waiting", "sending", "analysing", "titled", "titled_uncertain"}
    asked |= {"uncertain", "refused_offline", "refused_page", "refused_too_large"}
    assert asked <= set(phrases)
    assert set(plurals) >= {"faces", "left", "done", "failed"}


def test_every_trouble_of_the_camera_has_its_words(project: Path) -> None:
    source = (project / "static" / "js" / "live" / "camera.js").read_text("utf-8")
    named = set(re.findall(r"\"(camera-[a-z]+|insecure|unsupported)\"", source))
    phrases = script_texts()["phrases"]
    assert isinstance(phrases, dict)
    assert named
    assert named <= set(phrases)


def test_all_fifteen_places_are_described_in_both_languages() -> None:
    assert [place.label for place in places()] == PLACES
    for place in places():
        for language in LANGUAGES:
            assert 2 <= len(re.findall(r"[.!?](?:\s|$)", place.about.in_language(language))) <= 3, place.label
            assert place.name.in_language(language)
            assert place.where.in_language(language)
        assert place.about.en != place.about.vi


def test_every_place_is_on_the_map_where_it_is() -> None:
    for place in places():
        assert 0 < place.latitude < 60
        assert 0 < place.longitude < 110
        assert place.map_address == (
            f"https://www.openstreetmap.org/?mlat={place.latitude}&mlon={place.longitude}"
            f"#map=16/{place.latitude}/{place.longitude}"
        )


def test_a_place_has_its_name_in_the_visitors_language_and_in_the_other() -> None:
    assert places_in("vi")["halong_bay"]["name"] == "Vịnh Hạ Long"
    assert places_in("vi")["halong_bay"]["other_name"] == "Ha Long Bay"
    assert places_in("en")["halong_bay"]["name"] == "Ha Long Bay"
    assert set(PLACES) <= set(label_names())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_carries_the_places_in_its_language(
    client: Client, engine: ImageEngine, language: str
) -> None:
    client.cookies["django_language"] = language
    page = client.get("/photo/").content.decode()
    found = re.search(r'<script id="photo-site" type="application/json">(.*?)</script>', page)
    assert found is not None
    site = json.loads(found.group(1))
    assert site["places"]["pantheon"]["name"] == ("Đền Pantheon" if language == "vi" else "Pantheon")
    assert [model["name"] for model in site["models"]] == ["first", "second", "places"]
