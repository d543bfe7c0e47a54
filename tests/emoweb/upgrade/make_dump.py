"""Make the dumps of a release: a site of its code is used by visitors, stopped, and put into a file.

    git worktree add /tmp/emoweb-0.1.0 5ca01d5      # with node_modules, and .cache where there is one
    .venv/bin/python -m tests.emoweb.upgrade.make_dump /tmp/emoweb-0.1.0

Everything is recorded by the release's own server and worker, which are spoken to as browsers do; one session
is put into the past by SQL, and taken to be by a model that is not served any more.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import av

from recognition.lab.evaluation.samples import two_faces_bgr
from tests.browser.site import Site, working
from tests.emoweb.person import PASSWORD, PATIENCE_S, Person
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client
from tests.emoweb.protocol.web_visitor import WebVisitor
from tests.emoweb.upgrade import dumps
from tests.emoweb.upgrade.dumps import Database, PostgresServer, SqliteFile
from tests.postgres import Postgres, postgres_programs

EMAIL = "recorded@example.com"
FRAMES = 24
FRAME_EACH_S = 0.12
VIDEO_SIZE = (160, 120)
VIDEO_FPS = 15
# A worker saves every 5 s of a video.
SHORT_S, LONG_S = 2, 8
TITLE = "Buổi tập thứ nhất 🎭"
NOTES = ("=1+2 is a note, and no formula", "Người thứ hai bước vào")


def main() -> None:
    """Write the dump of SQLite, and that of PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="a folder with the release's code")
    checkout = parser.parse_args().checkout.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        data_folder = folder / "sqlite"
        data_folder.mkdir()
        make(checkout, data_folder, SqliteFile(data_folder), dumps.DUMPS / "sqlite")
        programs = postgres_programs()
        assert programs is not None, "PostgreSQL is not installed"
        server = Postgres(folder / "server", programs)
        server.start()
        try:
            data_folder = folder / "postgres"
            data_folder.mkdir()
            make(checkout, data_folder, PostgresServer(server), dumps.DUMPS / "postgres")
        finally:
            server.stop()


def make(checkout: Path, data_folder: Path, database: Database, dump: Path) -> None:
    """Use a site of that code, stop it, and write its dump."""
    site = Site(data_folder, **dumps.SITE, DATABASE_URL=database.address)
    site.project = checkout
    site.start()
    try:
        expected = use(site, database)
    finally:
        site.kill()
    videos = [video["id"] for video in expected["videos"].values()]
    dumps.save(dump, database, data_folder, videos, expected)


def use(site: Site, database: Database) -> dict[str, Any]:
    """Record, mark, merge, sign up and upload; the last session is still running at the end."""
    visitor = WebVisitor(site.address)
    sessions = {
        "merged": record(site, visitor.cookie),
        "five": record(site, visitor.cookie, label_set="fer5"),
        "eight": record(site, visitor.cookie, model="se_resnet", label_set="ferplus8"),
        "scenes": record(site, visitor.cookie, model="scenes"),
        "old": record(site, visitor.cookie, model="se_resnet"),
    }
    unmerged = read(site, f"/history/{sessions['merged']}/export.json", visitor.cookie)
    arrange(visitor, sessions["merged"])
    put_into_the_past(database, sessions["old"])
    key = make_key(visitor)
    account = make_account(site)
    videos = upload(site, visitor, database)
    running = start_session(site, visitor.cookie, database)
    done = f"/video/{videos['done']}/"
    return {
        "visitor": {"cookie": visitor.cookie, "key": key},
        "account": account,
        "sessions": {
            name: {
                "id": session,
                "csv": read(site, f"/history/{session}/export.csv", visitor.cookie),
                "json": read(site, f"/history/{session}/export.json", visitor.cookie),
            }
            for name, session in sessions.items()
        },
        "unmerged": unmerged,
        "running": running,
        "title": TITLE,
        "notes": NOTES,
        "videos": {
            "done": {
                "id": videos["done"],
                "csv": read(site, f"{done}export.csv", visitor.cookie),
                "json": read(site, f"{done}export.json", visitor.cookie),
                "annotated_sha256": digest_of(site, f"{done}annotated.webm", visitor.cookie),
            },
            "interrupted": {"id": videos["interrupted"]},
            "queued": {"id": videos["queued"]},
        },
    }


def record(site: Site, cookie: str, **options: str) -> str:
    """Show some seconds of two faces and say goodbye; return the session."""
    client = Client(site.address, cookie=cookie)
    session: str = client.hello(**options)["session"]
    show(client)
    client.bye()
    return session


def show(client: Client) -> None:
    """Show two faces, for longer than the recorder takes to begin a second."""
    picture = pictures.two_faces()
    for seq in range(1, FRAMES + 1):
        client.ask(seq, picture)
        time.sleep(FRAME_EACH_S)


def arrange(visitor: WebVisitor, session: str) -> None:
    """Title a session, put markers into it, and merge its two faces."""
    page = f"/history/{session}/"
    visitor.post_form(f"{page}rename/", title=TITLE)
    for second, note in enumerate(NOTES):
        visitor.post_form(f"{page}markers/", time=f"0:0{second}", note=note)
    visitor.post_form(f"{page}merge/", face="2", into="1")


def put_into_the_past(database: Database, session: str) -> None:
    """Let a session be of last year, of an earlier consent, and of a model that is no longer served."""
    key = key_of(database, session)
    database.execute(
        "UPDATE history_session SET started = '2025-11-03 08:00:00', last_seen = '2025-11-03 08:00:03', "
        f"ended = '2025-11-03 08:00:03', consent = '2025-10', model = 'bknet_2025' WHERE id = '{key}'"
    )


def make_key(visitor: WebVisitor) -> str:
    """Make an API key and return it."""
    found = re.search(r"emo_[\w-]{43}", visitor.post_form("/account/keys/", name="evening script"))
    assert found
    return found[0]


def make_account(site: Site) -> dict[str, Any]:
    """Sign up, confirm the address by the mail's link, record a session, and stay signed in."""
    person = Person(site.address).sign_up(EMAIL)
    link = re.findall(r"http://\S+(/account/confirm-email/\S+/)", site.log.read_text())[-1]
    person.send(link)
    person.sign_in(EMAIL)
    session = person.stream(pictures.two_faces())
    assert person.sessions() == [session]
    exported = read(site, f"/history/{session}/export.json", person.cookie)
    return {
        "email": EMAIL,
        "password": PASSWORD,
        "cookie": person.cookie,
        "session": {"id": session, "json": exported},
    }


def upload(site: Site, visitor: WebVisitor, database: Database) -> dict[str, str]:
    """Upload three videos: one is analyzed, the worker of the second is killed, the third stays queued."""
    videos = {}
    videos["done"] = upload_one(visitor, site.folder / "Evening take.mp4", SHORT_S, stride=5)
    with working(site):
        wait_until(lambda: visitor.get(f"/video/{videos['done']}/status/")["state"] == "done")
    videos["interrupted"] = upload_one(visitor, site.folder / "Interrupted take.mp4", LONG_S, stride=1)
    saved = f"SELECT saved_s FROM video_film WHERE id = '{key_of(database, videos['interrupted'])}'"
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=site.project, env=site.environment)
    wait_until(lambda: database.execute(saved)[0][0] > 0)
    worker.kill()
    worker.wait()
    state = visitor.get(f"/video/{videos['interrupted']}/status/")["state"]
    assert state == "running", f"the worker was not stopped on the way: {state}"
    videos["queued"] = upload_one(visitor, site.folder / "Waiting take.mp4", SHORT_S, stride=5)
    return videos


def upload_one(visitor: WebVisitor, path: Path, seconds: int, stride: int) -> str:
    """Write a video of two faces that do not move, upload it, and return its id."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=VIDEO_FPS)
        stream.width, stream.height, stream.pix_fmt = *VIDEO_SIZE, "yuv420p"
        frame = av.VideoFrame.from_ndarray(two_faces_bgr(*VIDEO_SIZE), format="bgr24")
        for number in range(seconds * VIDEO_FPS):
            frame.pts, frame.time_base = number, Fraction(1, VIDEO_FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    video: str = visitor.upload_video(path, stride)["id"]
    return video


def start_session(site: Site, cookie: str, database: Database) -> dict[str, str]:
    """Begin a session that nobody ends; return what its page would resume it with."""
    client = Client(site.address, cookie=cookie)
    welcome = client.hello()
    show(client)
    session = key_of(database, welcome["session"])
    wait_until(
        lambda: database.execute(f"SELECT id FROM history_sample WHERE session_id = '{session}'") != []
    )
    return {"session": welcome["session"], "resume": welcome["resume"]}


def key_of(database: Database, number: str) -> str:
    """Return a UUID as the database stores it."""
    return number.replace("-", "") if isinstance(database, SqliteFile) else number


def read(site: Site, path: str, cookie: str) -> str:
    """Return a page or a file as text."""
    return fetch(site, path, cookie).decode()


def digest_of(site: Site, path: str, cookie: str) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(fetch(site, path, cookie)).hexdigest()


def fetch(site: Site, path: str, cookie: str) -> bytes:
    """Return what an address answers."""
    request = Request(site.address + path, headers={"Cookie": cookie})
    with urlopen(request, timeout=PATIENCE_S) as answer:
        content: bytes = answer.read()
    return content


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait, for as long as a slow machine may take."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


if __name__ == "__main__":
    main()
