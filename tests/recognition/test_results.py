"""A result as text, JSON, table and drawing."""

import json
import sys
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from recognition import Box, DependencyMissing, Face, Prediction, Result
from recognition.types import UInt8Array

PROBABILITIES = {"happy": 0.75, "sad": 0.25}


def face(left: float = 20, top: float = 30, *, uncertain: bool = False, number: int | None = None) -> Face:
    """A face of 40 x 50 pixels in an image of 200 x 100."""
    return Face(
        label="happy",
        confidence=0.75,
        uncertain=uncertain,
        probabilities=PROBABILITIES,
        box_xyxy=(left, top, left + 40, top + 50),
        box=Box(left / 200, top / 100, 0.2, 0.5),
        score=0.9,
        id=number,
    )


def result(*faces: Face, answer: Prediction | None = None) -> Result:
    return Result(
        file="a.jpg",
        width=200,
        height=100,
        model="model",
        label_set="two",
        labels=("happy", "sad"),
        faces=faces,
        answer=answer,
        detail=None if answer else "auto",
    )


ANSWER = Prediction(label="happy", confidence=0.75, uncertain=False, probabilities=PROBABILITIES)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (result(), "a.jpg: no face"),
        (result(face()), "a.jpg: happy 75%"),
        (result(face(), face(100, uncertain=True)), "a.jpg: happy 75%, uncertain"),
        (result(answer=ANSWER), "a.jpg: happy 75%"),
        (replace(result(), file=None), "image: no face"),
        (replace(result(face()), file=None, frame=7), "frame 7: happy 75%"),
    ],
)
def test_it_prints_as_one_line(shown: Result, text: str) -> None:
    assert str(shown) == text


def test_its_dict_is_json_with_boxes_in_fractions() -> None:
    assert json.loads(json.dumps(result(face()).to_dict())) == {
        "file": "a.jpg",
        "width": 200,
        "height": 100,
        "faces": [
            {
                "box": [0.1, 0.3, 0.2, 0.5],
                "score": 0.9,
                "label": "happy",
                "confidence": 0.75,
                "probabilities": PROBABILITIES,
                "uncertain": False,
            }
        ],
        "detail": "auto",
    }


def test_the_dict_of_a_whole_image_has_its_answer() -> None:
    described = result(answer=ANSWER).to_dict()
    assert described["faces"] == []
    assert described["picture"]["label"] == "happy"
    assert "detail" not in described


def test_the_dict_of_a_frame_has_its_number_time_and_ids() -> None:
    described = replace(result(face(number=3)), frame=0, time_s=0.0).to_dict()
    assert (described["frame"], described["time_s"], described["faces"][0]["id"]) == (0, 0.0, 3)


def blank(width: int = 200, height: int = 100) -> UInt8Array:
    return np.zeros((height, width, 3), np.uint8)


def changed_columns(drawn: UInt8Array) -> tuple[int, int]:
    columns = np.flatnonzero(drawn.any(axis=(0, 2)))
    return int(columns[0]), int(columns[-1])


def test_drawing_frames_the_face_on_a_copy() -> None:
    image = blank()
    drawn = result(face()).draw(image)

    assert not image.any()
    assert drawn[50, 20].any()
    assert drawn[50, 60].any()
    assert drawn[80, 40].any()
    assert not drawn[60, 40].any()
    assert not drawn[:, 120:].any()


def test_an_uncertain_face_is_gray() -> None:
    certain = result(face()).draw(blank())[60, 20]
    uncertain = result(face(uncertain=True)).draw(blank())[60, 20]
    assert len(set(certain.tolist())) > 1
    assert len(set(uncertain.tolist())) == 1


def test_a_scaled_copy_is_drawn_in_its_size() -> None:
    drawn = result(face()).draw(blank(400, 200))
    assert drawn.shape == (200, 400, 3)
    assert drawn[120, 40].any()
    assert drawn[120, 120].any()


def test_another_image_is_refused() -> None:
    with pytest.raises(ValueError, match="200 x 100 pixels\\) or a scaled copy, got 100 x 100"):
        result(face()).draw(blank(100, 100))


def test_the_channels_are_those_of_the_image() -> None:
    bgr = result(face()).draw(blank())
    rgb = result(face()).draw(blank(), color="rgb")
    pil = result(face()).draw(Image.fromarray(blank()))

    assert isinstance(pil, Image.Image)
    assert (rgb == bgr[:, :, ::-1]).all()
    assert (np.asarray(pil) == rgb).all()
    encoded = cv2.imencode(".png", blank())[1].tobytes()
    assert (result(face()).draw(encoded) == bgr).all()


def test_an_answer_is_drawn_in_the_corner() -> None:
    drawn = result(answer=ANSWER).draw(blank())
    assert drawn[:12, :30].any()
    assert not drawn[50:].any()


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.lists(st.floats(0, 1), min_size=4, max_size=4).map(sorted),
)
def test_any_box_in_any_image_can_be_drawn(size_wh: tuple[int, int], edges: list[float]) -> None:
    x1, x2, y1, y2 = edges[0], edges[2], edges[1], edges[3]
    width, height = size_wh
    shown = replace(result(replace(face(), box=Box(x1, y1, x2 - x1, y2 - y1))), width=width, height=height)
    assert shown.draw(blank(width, height)).shape == (height, width, 3)


def test_a_missing_pandas_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(DependencyMissing, match="pip install pandas"):
        result().to_dataframe()


def test_a_table_has_a_row_for_each_prediction_and_always_the_same_columns() -> None:
    pandas = pytest.importorskip("pandas")
    tables = [
        shown.to_dataframe()
        for shown in (result(face(), face(100, number=2)), result(), result(answer=ANSWER))
    ]

    assert [len(table) for table in tables] == [2, 0, 1]
    assert all(one.dtypes.equals(other.dtypes) for one, other in pairwise(tables))
    assert pandas.concat(tables).dtypes.equals(tables[0].dtypes)
    assert list(tables[0].columns[-2:]) == ["happy", "sad"]
    assert tables[0].iloc[1][["left", "top", "right", "bottom", "id"]].to_list() == [100, 30, 140, 80, 2]
    assert tables[2].iloc[0]["label"] == "happy"
    assert bool(tables[2]["left"].isna().all())
