"""Invalid images and videos: each is refused with its code, in the visitor's language, in little memory."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from emoweb_client import ApiError
from emoweb_client import Client as ApiClient
from tests.browser.site import Site
from tests.emoweb.protocol.web_visitor import WebVisitor
from tests.emoweb.videos import sound_alone, video_without_frames
from tests.processes import forget_most_memory, memory_mb, most_memory_mb

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
MOST_GROWTH_MB = 200
SIDE = 20_000


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def vast_png() -> bytes:
    """Return a whole, valid grey PNG of 20,000 x 20,000 pixels."""
    packer = zlib.compressobj(9)
    row = bytes(SIDE + 1)
    packed = b"".join(packer.compress(row) for _ in range(SIDE)) + packer.flush()
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", packed), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def gif_bomb() -> bytes:
    """Return a GIF that says it is 65,535 x 65,535 and names a thousand frames."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + frame * 1000 + b";"


def zip_of_text() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("video.txt", "not a video")
    return packed.getvalue()


def bad_pictures(good: bytes) -> dict[str, tuple[bytes, str]]:
    """Return what may be sent as a picture by mistake or malice, with the code of its refusal."""
    return {
        "text named .jpg": (b"Dear diary, today", "unsupported_type"),
        "cut JPEG": (good[:20_000], "bad_image"),
        "20,000 x 20,000 PNG": (vast_png(), "too_many_pixels"),
        "SVG with script": (b"<svg><script>alert(1)</script></svg>", "unsupported_type"),
        "GIF bomb": (gif_bomb(), "too_many_pixels"),
        "50 MB body": (good + bytes(50_000_000), "too_large"),
        "empty body": (b"", "empty"),
        "PDF": (b"%PDF-1.7\n" + bytes(1000), "unsupported_type"),
    }


def invalid_videos(folder: Path) -> dict[str, tuple[Path, str]]:
    """Return invalid videos with the error code of each."""
    archive, cut = folder / "archive.mp4", folder / "cut.mp4"
    archive.write_bytes(zip_of_text())
    cut.write_bytes(b"\0\0\0\x20ftypisom" + bytes(2000))
    return {
        "ZIP named .mp4": (archive, "not_a_video"),
        "video without frames": (video_without_frames(folder / "empty.avi"), "no_frames"),
        "sound alone": (sound_alone(folder / "sound.webm"), "no_video"),
        "cut short": (cut, "damaged"),
    }


def test_bad_files_are_refused_in_words_and_cost_little_memory(
    own_site: Callable[..., Site], zidane_jpg: Path, tmp_path: Path
) -> None:
    site = own_site(DEVICE="cpu")
    english, vietnamese = WebVisitor(site.address), WebVisitor(site.address, "vi")
    api = ApiClient(site.address)
    good = zidane_jpg.read_bytes()
    assert len(english.post("/photo/analyse/", good)["faces"]) == 2
    idle_mb = memory_mb(site.pid)
    forget_most_memory(site.pid)

    for what, (data, code) in bad_pictures(good).items():
        errors = [visitor.post("/photo/analyse/", data)["error"] for visitor in (english, vietnamese)]
        assert [error["code"] for error in errors] == [code, code], what
        assert errors[0]["message"] != errors[1]["message"], what
        with pytest.raises(ApiError) as refusal:
            api.analyze(data)
        assert refusal.value.code == code, what
    for what, (video, code) in invalid_videos(tmp_path).items():
        errors = [visitor.upload_video(video)["error"] for visitor in (english, vietnamese)]
        assert [error["code"] for error in errors] == [code, code], what
        assert errors[0]["message"] != errors[1]["message"], what

    assert most_memory_mb(site.pid) - idle_mb < MOST_GROWTH_MB
    assert len(english.post("/photo/analyse/", good)["faces"]) == 2
