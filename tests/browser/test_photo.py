"""Images: uploaded in every way, analysed one by one, shown with boxes, downloaded as files."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import expect

from emoweb_client import Client
from tests.browser.conftest import Visitor
from tests.browser.photo_page import PhotoPage
from tests.browser.site import PROJECT, Site
from tests.emoweb.image_engine import turned
from tests.sweeps import mostly_exhaustive

pytestmark = [pytest.mark.browser, pytest.mark.process]
# Images from the installed packages, not selected for these tests.
PACKAGES = {
    "ultralytics": "assets",
    "skimage": "data",
    "sklearn": "datasets/images",
}
WHOLE_IMAGE_TASKS = ("places", "hand_signs", "scenes")
NO_SIDEWAYS_SCROLL = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
UPLOAD_BY_EVENT = """
([base64, name, type, event]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, {type}));
    const made = event === 'drop'
        ? new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true})
        : new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true});
    document.querySelector('main').dispatchEvent(made);
}
"""


def packaged_images(folder: Path) -> list[Path]:
    """JPEG and PNG images of the installed packages, and scikit-image's faces as one sheet in `folder`."""
    folders = {name: Path(str(find_spec(name).origin)).parent / below for name, below in PACKAGES.items()}
    files = [
        file for below in folders.values() for file in below.glob("*") if file.suffix in {".jpg", ".png"}
    ]
    faces = np.load(folders["skimage"] / "lfw_subset.npy")[:12]
    tiles = [cv2.resize((face * 255).astype(np.uint8), (150, 150)) for face in faces]
    sheet = folder / "skimage-faces.png"
    cv2.imwrite(str(sheet), np.vstack([np.hstack(tiles[start : start + 4]) for start in (0, 4, 8)]))
    return sorted([*files, sheet])


def predicted(files: list[Path], *words: str) -> list[dict[str, Any]]:
    """What `python -m recognition predict --json` prints for the files."""
    done = subprocess.run(
        [sys.executable, "-m", "recognition", "predict", "--json", *words, *map(str, files)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def photo(visitor: Visitor, site: Site) -> PhotoPage:
    """The page, open."""
    return PhotoPage(visitor.page, site.address).open()


@pytest.fixture
def bad_files(tmp_path: Path, zidane_jpg: Path) -> dict[str, Path]:
    """Files that are refused, by what the visitor reads."""
    text, cut, vector = tmp_path / "text.jpg", tmp_path / "cut.jpg", tmp_path / "vector.png"
    text.write_text("no picture")
    cut.write_bytes(zidane_jpg.read_bytes()[:20_000])
    vector.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    return {"format is not supported": text, "incomplete": cut, "JPEG, PNG, WebP": vector}


@pytest.fixture
def many_faces_png(zidane_jpg: Path, tmp_path: Path) -> Path:
    """An image of many faces: one of two faces, sixteen times."""
    two = cv2.resize(cv2.imread(str(zidane_jpg)), (320, 180), interpolation=cv2.INTER_AREA)
    file = tmp_path / "crowd.png"
    cv2.imwrite(str(file), np.tile(two, (4, 4, 1)))
    return file


def test_two_faces_are_boxed_and_named(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg])
    expect(photo.part("photo-face")).to_have_count(2)
    expect(photo.part("photo-bars").locator("li")).to_have_count(7)
    expect(photo.part("photo-canvas")).to_have_attribute("aria-label", re.compile("zidane"))
    size = photo.page.evaluate(
        "() => { const c = document.querySelector('[data-canvas]'); return [c.width, c.height]; }"
    )
    assert size == [1280, 720]


def test_a_heic_that_the_browser_cannot_show_is_listed_and_answered(
    photo: PhotoPage, zidane_jpg: Path, tmp_path: Path
) -> None:
    heic = tmp_path / "phone.HEIC"
    pillow_heif.from_pillow(Image.open(zidane_jpg)).save(heic)
    photo.give([heic])
    expect(photo.part("photo-face")).to_have_count(2)
    expect(photo.part("photo-result")).to_contain_text("cannot display")
    expect(photo.part("download-picture")).to_be_disabled()


def test_the_detail_is_sent_and_a_note_is_shown(photo: PhotoPage, tmp_path: Path, zidane_jpg: Path) -> None:
    photo.part("photo-detail").select_option("full")
    image = Image.open(zidane_jpg).convert("RGB").resize((640, 360))
    animation = tmp_path / "moving.webp"
    image.save(animation, save_all=True, append_images=[image.transpose(Image.Transpose.ROTATE_180)])
    with photo.page.expect_request(lambda request: "detail=full" in request.url):
        photo.give([animation])
    expect(photo.part("photo-notes")).to_contain_text("first frame")


def test_a_box_is_drawn_over_the_image(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg])
    file = photo.download("download-picture")
    annotated, plain = (cv2.imread(str(path)) for path in (file, zidane_jpg))
    assert annotated.shape == plain.shape
    changed = (np.abs(annotated.astype(int) - plain.astype(int)).max(axis=2) > 60).mean()
    assert 0.002 < changed < 0.2


def test_the_bars_follow_the_chosen_face(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg])
    first = photo.part("photo-bars").inner_text()
    photo.part("photo-face").nth(1).get_by_role("button").click()
    expect(photo.part("photo-face").nth(1).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    assert photo.part("photo-bars").inner_text() != first


def test_one_failing_file_does_not_stop_the_others(
    photo: PhotoPage, visitor: Visitor, zidane_jpg: Path, bad_files: dict[str, Path]
) -> None:
    visitor.expect_complaints("status of 400", "status of 415")
    photo.give([*bad_files.values(), zidane_jpg])
    assert photo.state_of("zidane.jpg") == "done"
    for words, file in bad_files.items():
        assert photo.state_of(file.name) == "failed"
        expect(photo.part("photo-picture").filter(has_text=file.name)).to_contain_text(words)
    expect(photo.part("photo-tally")).to_contain_text("1 image analyzed, 3 images failed")


def test_a_file_over_the_limit_is_refused_before_it_is_sent(photo: PhotoPage, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8" + os.urandom(20_000_001))
    photo.give([large])
    expect(photo.part("photo-picture")).to_contain_text("larger than 20 MB")


def test_packaged_images_are_answered_alike_by_page_command_and_api(
    photo: PhotoPage, site: Site, tmp_path: Path
) -> None:
    files = packaged_images(tmp_path)
    assert len(files) > 25
    api = Client(site.address)
    photo.give(files)
    answers = photo.answers()
    assert sum(len(answer["faces"]) for answer in answers) > 8
    for file, shown, printed in zip(files, answers, predicted(files), strict=True):
        assert shown["file"] == file.name
        through_api = asdict(api.analyze(file.read_bytes()))
        for other in (printed, through_api):
            assert (shown["width"], shown["height"]) == (other["width"], other["height"])
            assert [face["label"] for face in shown["faces"]] == [face["label"] for face in other["faces"]]
            for one, two in zip(shown["faces"], other["faces"], strict=True):
                assert one["box"] == pytest.approx(two["box"], abs=0.005)
                assert one["confidence"] == pytest.approx(two["confidence"], abs=0.01)


@pytest.mark.parametrize("task", mostly_exhaustive(WHOLE_IMAGE_TASKS, always=("places",)))
def test_packaged_images_are_answered_alike_as_whole_images(
    photo: PhotoPage, site: Site, tmp_path: Path, task: str
) -> None:
    api = Client(site.address)
    model = next(model.name for model in api.models() if model.task == task)
    files = packaged_images(tmp_path)[::4]
    photo.recognise(model).give(files)
    for file, shown, printed in zip(files, photo.answers(), predicted(files, "--model", model), strict=True):
        through_api = asdict(api.analyze(file.read_bytes(), model=model))
        for other in (printed, through_api):
            assert shown["picture"]["label"] == other["picture"]["label"], file.name
            assert shown["picture"]["confidence"] == pytest.approx(other["picture"]["confidence"], abs=0.01)


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_an_image_may_be_dropped_or_pasted(photo: PhotoPage, zidane_jpg: Path, event: str) -> None:
    encoded = base64.b64encode(zidane_jpg.read_bytes()).decode()
    photo.page.evaluate(UPLOAD_BY_EVENT, [encoded, "given.jpg", "image/jpeg", event])
    photo.wait_until_ready()
    expect(photo.part("photo-face")).to_have_count(2)


def test_an_image_may_be_taken_with_the_camera(photo: PhotoPage) -> None:
    photo.part("photo-camera").click()
    photo.page.wait_for_selector("[data-testid=photo-take]:enabled")
    photo.part("photo-take").click()
    photo.wait_until_ready()
    expect(photo.part("photo-face").first).to_be_visible()
    photo.part("photo-camera-close").click()
    running = photo.page.evaluate("() => document.querySelector('[data-camera-video]').srcObject !== null")
    assert not running


def test_the_orientation_tag_is_honoured_on_screen_and_on_the_server(
    photo: PhotoPage, zidane_jpg: Path, tmp_path: Path
) -> None:
    lying = cv2.rotate(cv2.imread(str(zidane_jpg)), cv2.ROTATE_90_COUNTERCLOCKWISE)
    file = tmp_path / "turned.jpg"
    file.write_bytes(turned(cv2.imencode(".jpg", lying)[1].tobytes(), 6))
    photo.give([file])
    expect(photo.part("photo-face")).to_have_count(2)
    (answer,) = photo.answers()
    assert (answer["width"], answer["height"]) == (1280, 720)
    assert cv2.imread(str(photo.download("download-picture"))).shape == (720, 1280, 3)


def test_everything_can_be_downloaded(
    photo: PhotoPage, visitor: Visitor, zidane_jpg: Path, bad_files: dict[str, Path]
) -> None:
    visitor.expect_complaints("status of 400", "status of 415")
    photo.give([zidane_jpg, bad_files["format is not supported"]])
    photo.choose("zidane.jpg")
    one = json.loads(photo.download("download-json").read_text("utf-8"))
    assert (one["file"], len(one["faces"])) == ("zidane.jpg", 2)
    rows = list(csv.DictReader(photo.download("download-csv").read_text("utf-8-sig").splitlines()))
    assert [row["file"] for row in rows] == ["zidane.jpg", "zidane.jpg", "text.jpg"]
    assert rows[2]["error"] == "unsupported_type"
    with zipfile.ZipFile(photo.download("download-zip")) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["pictures.csv", "pictures.json", "zidane-annotated.jpg"]


def test_images_are_removed_one_by_one_and_together(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg, zidane_jpg, zidane_jpg])
    photo.page.get_by_role("button", name="Remove zidane.jpg").first.click()
    expect(photo.part("photo-picture")).to_have_count(2)
    photo.part("photo-clear").click()
    expect(photo.part("photo-picture")).to_have_count(0)
    expect(photo.part("photo-result")).to_be_hidden()


def test_five_expressions_are_a_choice(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg])
    photo.part("photo-label-set").select_option("fer5")
    photo.wait_until_ready()
    expect(photo.part("photo-bars").locator("li")).to_have_count(5)


def test_the_keyboard_alone_chooses_an_image_and_a_face(photo: PhotoPage, zidane_jpg: Path) -> None:
    photo.give([zidane_jpg, zidane_jpg])
    photo.part("photo-picture").nth(1).locator(".picture__choose").focus()
    photo.page.keyboard.press("Enter")
    expect(photo.part("photo-picture").nth(1).locator(".picture__choose")).to_have_attribute(
        "aria-pressed", "true"
    )
    photo.part("photo-face").nth(1).get_by_role("button").focus()
    photo.page.keyboard.press("Space")
    expect(photo.part("photo-face").nth(1).get_by_role("button")).to_have_attribute("aria-pressed", "true")


@pytest.fixture(scope="session")
def set_images(emoweb_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Path]]:
    """Unpacks the first images of one label of a data set's test or validation split."""

    def unpack(name: str, label: str, count: int) -> list[Path]:
        archive = emoweb_data / f"{name}.zip"
        if not archive.is_file():
            pytest.skip(f"no {name} among the data sets")
        folder = tmp_path_factory.mktemp(label)
        with zipfile.ZipFile(archive) as packed:
            inside = [part for part in packed.namelist() if f"/{label}/" in part and not part.endswith("/")]
            inside = [part for part in inside if "/test/" in part] or [p for p in inside if "/val/" in p]
            return [Path(packed.extract(part, folder)) for part in sorted(inside)[:count]]

    return unpack


def _places(new_visitor: Callable[..., Visitor], site: Site, language: str) -> PhotoPage:
    photo = PhotoPage(new_visitor(locale=language).page, site.address).open()
    if not photo.serves("places"):
        pytest.skip("no model of places is served here")
    return photo.recognise("places")


@pytest.mark.parametrize(("language", "name"), [("en-GB", "Petronas Towers"), ("vi-VN", "Tháp đôi Petronas")])
def test_a_known_place_is_described(
    new_visitor: Callable[..., Visitor],
    site: Site,
    set_images: Callable[..., list[Path]],
    language: str,
    name: str,
) -> None:
    photo = _places(new_visitor, site, language)
    known = set_images("landmarks", "petronas_towers", 3)
    photo.give(known)
    answers = photo.answers()
    assert sum(answer["picture"]["label"] == "petronas_towers" for answer in answers) >= 2
    sure = next(answer for answer in answers if not answer["picture"]["uncertain"])
    photo.choose(sure["file"])
    expect(photo.part("photo-place")).to_contain_text(name)
    expect(photo.part("photo-place").get_by_role("link")).to_have_attribute(
        "href", re.compile(r"openstreetmap\.org/\?mlat=3\.1579")
    )
    expect(photo.part("photo-candidates").locator("li")).to_have_count(2)
    expect(photo.part("photo-bars").locator("li")).to_have_count(15)


def test_an_image_of_anything_else_is_no_place(
    new_visitor: Callable[..., Visitor], site: Site, set_images: Callable[..., list[Path]], zidane_jpg: Path
) -> None:
    photo = _places(new_visitor, site, "en-GB")
    others = [zidane_jpg, *set_images("scenes", "glacier", 1), *set_images("scenes", "forest", 1)]
    photo.give(others)
    answers = photo.answers()
    assert [answer["picture"]["uncertain"] for answer in answers] == [True] * 3
    for answer in answers:
        photo.choose(answer["file"])
        expect(photo.part("photo-answer")).to_have_text("Unknown place")
        expect(photo.part("photo-place")).to_be_hidden()
        expect(photo.part("photo-closest")).to_have_text(
            re.compile(r"^Closest match: .+, \d+% \(at least 97% needed\)$")
        )
        expect(photo.part("photo-candidates")).to_be_hidden()
        assert bar_colours(photo) == {token(photo, "--line-strong")}
    assert "true" in photo.download("download-csv").read_text("utf-8-sig")


def bar_colours(photo: PhotoPage) -> set[str]:
    """Return the computed colours of the bars."""
    script = "bars => bars.map(bar => getComputedStyle(bar).backgroundColor)"
    return set(photo.part("photo-bars").locator(".meter__fill").evaluate_all(script))


def token(photo: PhotoPage, name: str) -> str:
    """Return a colour of the page's tokens as the browser computes it."""
    script = """name => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.color = `var(${name})`;
        const colour = getComputedStyle(probe).color;
        probe.remove();
        return colour;
    }"""
    return str(photo.page.evaluate(script, name))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en-GB", "Unknown scene"), ("vi-VN", "Khung cảnh không xác định")],
)
def test_two_men_indoors_are_no_scene(
    new_visitor: Callable[..., Visitor], site: Site, zidane_jpg: Path, language: str, words: str
) -> None:
    photo = PhotoPage(new_visitor(locale=language).page, site.address).open().recognise("scenes")
    photo.give([zidane_jpg])
    expect(photo.part("photo-answer")).to_have_text(words)
    needed = re.compile(r", \d\d% \((at least|cần ít nhất) \d\d%( needed)?\)$")
    expect(photo.part("photo-closest")).to_have_text(needed)
    expect(photo.part("photo-candidates")).to_be_hidden()
    assert photo.page.evaluate(NO_SIDEWAYS_SCROLL)


def test_many_faces_are_counted_and_their_rows_folded(photo: PhotoPage, many_faces_png: Path) -> None:
    photo.give([many_faces_png])
    (answer,) = photo.answers()
    count = len(answer["faces"])
    assert count > 10
    words = photo.part("photo-answer").inner_text()
    assert re.match(rf"^{count} faces: ", words)
    assert sum(map(int, re.findall(r" (\d+)(?:,|$)", words.split(":")[1]))) == count
    expect(photo.part("photo-picture")).to_contain_text(words)
    expect(photo.part("photo-face").first).to_be_hidden()
    photo.part("photo-faces-part").locator("summary").click()
    expect(photo.part("photo-face")).to_have_count(count)
    expect(photo.part("photo-face").last).to_be_visible()
    rows = list(csv.DictReader(photo.download("download-csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == count
    assert {row["uncertain"] for row in rows} <= {"true", "false"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tags_ground_is_opaque_on_any_image(
    new_visitor: Callable[..., Visitor], site: Site, tmp_path: Path, scheme: str
) -> None:
    photo = PhotoPage(new_visitor(locale="en-GB", color_scheme=scheme).page, site.address).open()
    photo.recognise("scenes")
    for name, level in (("white", 255), ("black", 0)):
        file = tmp_path / f"{name}.png"
        cv2.imwrite(str(file), np.full((400, 600, 3), level, np.uint8))
        photo.give([file])
        photo.choose(file.name)
        expect(photo.part("photo-answer")).to_have_text("Unknown scene")
        annotated = cv2.imread(str(photo.download("download-picture")))
        # The caption's ground, between its edge and its first letter: #0e1118 whatever lies below.
        assert np.abs(annotated[10, 6].astype(int) - (0x18, 0x11, 0x0E)).max() < 12, name


def test_gender_is_not_offered_unless_the_operator_allows_it(photo: PhotoPage) -> None:
    assert not photo.serves("perceived_gender")


def test_nothing_of_an_image_is_left_on_the_server(photo: PhotoPage, site: Site, zidane_jpg: Path) -> None:
    before = {file for file in site.folder.rglob("*") if file.is_file()}
    photo.give([zidane_jpg])
    after = {file for file in site.folder.rglob("*") if file.is_file()}
    assert {file.name for file in after - before} <= {"emoweb.sqlite3-wal", "emoweb.sqlite3-shm"}
