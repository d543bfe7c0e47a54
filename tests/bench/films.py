"""Measures the analysis of films: a real server, a real worker, films of two moving faces at 640 x 480.

    python tests/bench/films.py [--seconds 60 600] [--stride 5] [--json]

Each film is uploaded as the page does it. Its time is from the end of the upload until the site says done;
memory is the worker's: before the film, and the most since its start. The first film pays for opening the
models.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.samples import two_faces_file
from tests.browser.site import PROJECT, Site
from tests.emoweb.films import film_of_picture

FPS = 30
ENDED = {"done", "failed", "cancelled"}


class Sender:
    """A visitor who gives films."""

    def __init__(self, base: str) -> None:
        """Visit the films' page, which sets the cookies and holds the token that forms carry."""
        self.base = base
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        page = self._opener.open(f"{base}/video/").read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, "the page has no form"
        self._token = found[1]

    def post(self, path: str, body: bytes) -> Any:
        """Post a body and return what is answered in JSON."""
        headers = {"X-CSRFToken": self._token, "Origin": self.base}
        if not path.endswith("/announce/"):
            headers["Content-Type"] = "application/octet-stream"
        with self._opener.open(Request(self.base + path, data=body, headers=headers)) as answer:
            return json.load(answer)

    def status(self, film_id: str) -> Any:
        """Return how far a film is."""
        with self._opener.open(f"{self.base}/video/{film_id}/status/") as answer:
            return json.load(answer)

    def give(self, film: Path, stride: int) -> str:
        """Upload a film and return its id."""
        data = film.read_bytes()
        wish = {"size": len(data), "name": film.name, "stride": stride, "quality": "balanced"}
        place = self.post("/video/announce/", urlencode(wish).encode())
        for offset in range(0, len(data), place["part_bytes"]):
            part = data[offset : offset + place["part_bytes"]]
            self.post(f"{place['part']}?offset={offset}", part)
        self.post(place["complete"], b"")
        return str(place["id"])


def memory_mb(pid: int, field: str) -> float:
    """Return a process's memory in MB: `VmRSS` now, `VmHWM` the most since its start."""
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split(f"{field}:")[1].split()[0]) / 1024, 1)


def measure(sender: Sender, worker: int, film: Path, seconds: int, stride: int) -> dict[str, Any]:
    """Give one film, wait for its end and return the figures."""
    idle_mb = memory_mb(worker, "VmRSS")
    film_id = sender.give(film, stride)
    begin = time.perf_counter()
    while (status := sender.status(film_id))["state"] not in ENDED:
        time.sleep(0.2)
    took_s = time.perf_counter() - begin
    return {
        "film_s": seconds,
        "state": status["state"],
        "took_s": round(took_s, 1),
        "share_of_length": round(took_s / seconds, 3),
        "worker_mb": {"before": idle_mb, "most_so_far": memory_mb(worker, "VmHWM")},
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
        command = [sys.executable, "manage.py", "work"]
        worker = subprocess.Popen(command, cwd=PROJECT, env=site._environment)
        try:
            sender = Sender(site.address)
            for seconds in options.seconds:
                film = film_of_picture(Path(name) / f"{seconds}.mp4", two_faces_file(), seconds, FPS)
                figures = measure(sender, worker.pid, film, seconds, options.stride)
                print(json.dumps(figures) if options.json else figures, flush=True)
        finally:
            worker.terminate()
            worker.wait(30)
            site.stop()


if __name__ == "__main__":
    main()
