"""The serving process on a processor with warm exports: small, flat, and without torch."""

import sys
from collections.abc import Callable

import pytest

from tests.browser.site import Site
from tests.emoweb.protocol.client import Client
from tests.processes import mapped_libraries, memory_mb

MOST_MB = 450
HEAVY_LIBRARIES = ("libtorch", "torchvision", "matplotlib", "sklearn")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_one_viewer_is_served_in_little_flat_memory_and_without_torch(
    own_site: Callable[..., Site], faces: bytes
) -> None:
    site = own_site(DEVICE="cpu")
    viewer = Client(site.address)
    viewer.hello()
    for seq in range(1, 41):
        viewer.ask(seq, faces)
    early = memory_mb(site.pid)
    for seq in range(41, 241):
        viewer.ask(seq, faces)
    late = memory_mb(site.pid)
    mapped = mapped_libraries(site.pid)
    viewer.bye()

    assert [library for library in HEAVY_LIBRARIES if library in mapped] == []
    assert late < MOST_MB
    # 200 frames of 640 x 480 decoded are 184 MB: one kept in a hundred would show.
    assert late - early < 10
