"""Measures the analysis of videos: a real server, a real worker, videos of two moving faces at 640 x 480.

    python tests/bench/videos.py [--seconds 60 600] [--stride 5] [--json]

Each video is uploaded as the page does it. Its time is from the end of the upload until the site says done;
memory is the worker's: before the video, and the peak since its start. The time of the first video includes
loading the models.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.lab.evaluation.samples import two_faces_file
from tests.browser.site import Site, working
from tests.emoweb.protocol.web_visitor import WebVisitor
from tests.emoweb.videos import video_of_image
from tests.processes import memory_mb, most_memory_mb

FPS = 30
ENDED = {"done", "failed", "cancelled"}


def measure(visitor: WebVisitor, worker: int, video: Path, seconds: int, stride: int) -> dict[str, Any]:
    """Upload one video, wait for its end and return the figures."""
    idle_mb = memory_mb(worker)
    video_id = visitor.upload_video(video, stride)["id"]
    start = time.perf_counter()
    while (status := visitor.get(f"/video/{video_id}/status/"))["state"] not in ENDED:
        time.sleep(0.2)
    took_s = time.perf_counter() - start
    return {
        "video_s": seconds,
        "state": status["state"],
        "took_s": round(took_s, 1),
        "share_of_length": round(took_s / seconds, 3),
        "worker_mb": {"before": idle_mb, "most_so_far": most_memory_mb(worker)},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, nargs="+", default=[5, 60, 600])
    parser.add_argument("--stride", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), VIDEO_MAX_MINUTES="60")
        site.start()
        with working(site) as worker:
            visitor = WebVisitor(site.address)
            for seconds in options.seconds:
                video = video_of_image(Path(name) / f"{seconds}.mp4", two_faces_file(), seconds, FPS)
                figures = measure(visitor, worker.pid, video, seconds, options.stride)
                print(json.dumps(figures) if options.json else figures, flush=True)
        site.stop()


if __name__ == "__main__":
    main()
