"""The server as a process of its own: limits of what it takes, and how it ends."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from emoweb.images.refusals import MAX_IMAGE_BYTES
from emoweb.serving.request import MAX_BODY_BYTES, max_body_bytes
from tests.processes import free_port

pytestmark = pytest.mark.process
PROJECT = Path(__file__).resolve().parents[2]
# It takes under 3 s where the machine is idle; what could hold it up takes 30.
ENDS_S = 15


@dataclass
class Served:
    """A running miniature site."""

    process: subprocess.Popen[str]
    port: int
    written: Path

    def socket(self, path: str = "/") -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}{path}", max_size=None, open_timeout=ENDS_S, close_timeout=1
        )

    def post(self, path: str, body: object, headers: dict[str, str]) -> tuple[int, str, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("POST", path, body=body, headers=headers)  # type: ignore[arg-type]
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type", ""), response.read()

    def end(self, with_signal: signal.Signals) -> None:
        self.process.send_signal(with_signal)
        self.process.wait(timeout=ENDS_S)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    port, written = free_port(), folder / "written"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.emoweb.served_echo", str(port), str(written)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "listening\n"
    yield Served(process, port, written)
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[Served]:
    """A site that the test ends."""
    with serving(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site that outlives the test."""
    with serving(tmp_path_factory.mktemp("served")) as site:
        yield site


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_time_with_everything_written(
    ending: Served, with_signal: signal.Signals
) -> None:
    ending.end(with_signal)
    assert ending.process.returncode == 0
    assert ending.written.read_text() == "recorded"


def test_every_open_socket_is_closed_with_1001(ending: Served) -> None:
    with ending.socket() as alice, ending.socket() as bob:
        for person in (alice, bob):
            person.send("hello")
            assert person.recv() == "5"
        ending.process.send_signal(signal.SIGTERM)
        for person in (alice, bob):
            with pytest.raises(ConnectionClosed) as closed:
                person.recv(timeout=ENDS_S)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
    ending.process.wait(timeout=ENDS_S)


@pytest.mark.parametrize("path", ["/stubborn", "/"])
def test_a_client_that_never_answers_holds_nothing_up(ending: Served, path: str) -> None:
    raw = socket.create_connection(("127.0.0.1", ending.port))
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b"101" in raw.recv(4096)
    ending.end(signal.SIGTERM)
    assert ending.written.read_text() == "recorded"
    raw.close()


def test_half_a_request_holds_nothing_up(ending: Served) -> None:
    with socket.create_connection(("127.0.0.1", ending.port)) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Len")
        time.sleep(0.2)
        ending.end(signal.SIGTERM)
    assert ending.written.read_text() == "recorded"


def test_a_thread_that_does_not_end_is_cut_off_after_the_writing(ending: Served) -> None:
    with socket.create_connection(("127.0.0.1", ending.port)) as raw:
        raw.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        ending.end(signal.SIGTERM)
    assert ending.written.read_text() == "recorded"


def test_a_message_of_a_mebibyte_is_taken(served: Served) -> None:
    with served.socket() as alice:
        alice.send(b"x" * 1024 * 1024)
        assert alice.recv() == str(1024 * 1024)


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 5 * 1000 * 1000])
def test_a_longer_message_is_closed_with_1009(served: Served, size: int) -> None:
    with served.socket() as alice, served.socket() as bob:
        with suppress(ConnectionClosed):  # it may hear the refusal before it has sent everything
            alice.send(b"x" * size)
        with pytest.raises(ConnectionClosed) as closed:
            alice.recv(timeout=ENDS_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        bob.send("still here")
        assert bob.recv() == "10"


def test_a_body_at_the_limit_is_taken(served: Served) -> None:
    status, _, body = served.post("/", b"x" * MAX_BODY_BYTES, {})
    assert (status, body) == (200, str(MAX_BODY_BYTES).encode())


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 20 * MAX_BODY_BYTES])
def test_a_longer_body_is_refused_in_a_sentence(served: Served, size: int) -> None:
    status, kind, body = served.post("/history/", b"x" * size, {})
    assert status == 413
    assert kind.startswith("text/plain")
    assert b"at most 2.5 MB" in body


def test_a_longer_body_is_refused_in_the_visitors_language(served: Served) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    asked = served.post("/history/", body, {"Accept-Language": "vi"})[2].decode()
    chosen = served.post("/history/", body, {"Accept-Language": "en", "Cookie": "django_language=vi"})[
        2
    ].decode()
    assert "tối đa 2,5 MB" in asked
    assert chosen == asked


def test_below_api_the_refusal_is_json(served: Served) -> None:
    status, kind, body = served.post("/api/v1/analyze?model=x", b"x" * (max_body_bytes("/api/") + 1), {})
    assert status == 413
    assert kind == "application/json"
    assert json.loads(body)["error"]["code"] == "too_large"


def test_a_picture_of_20_mb_is_taken_and_a_larger_one_refused_as_json(served: Served) -> None:
    limit = max_body_bytes("/photo/analyse/")
    status, _, body = served.post("/photo/analyse/", b"x" * MAX_IMAGE_BYTES, {})
    assert (status, body) == (200, str(MAX_IMAGE_BYTES).encode())
    status, kind, body = served.post("/photo/analyse/", b"x" * (limit + 1), {})
    assert (status, kind) == (413, "application/json")
    assert json.loads(body)["error"]["code"] == "too_large"


def test_a_picture_at_its_limit_is_taken_below_api(served: Served) -> None:
    status, _, body = served.post("/api/v1/analyze", b"x" * MAX_IMAGE_BYTES, {})
    assert (status, body) == (200, str(MAX_IMAGE_BYTES).encode())


def test_a_picture_that_names_no_length_is_counted_too(served: Served) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(22))
    status, kind, body = served.post("/api/v1/analyze", chunks, {})
    assert (status, kind) == (413, "application/json")
    assert "at most 20 MB" in json.loads(body)["error"]["message"]


def test_a_body_that_names_no_length_is_counted(served: Served) -> None:
    chunks = (b"x" * 100_000 for _ in range(40))
    status, _, body = served.post("/", chunks, {})
    assert status == 413
    assert b"too large" in body


def test_a_short_body_that_names_no_length_is_taken(served: Served) -> None:
    chunks = (b"x" * 1000 for _ in range(4))
    status, _, body = served.post("/", chunks, {})
    assert (status, body) == (200, b"4000")


def test_a_client_that_asks_first_is_refused_before_it_sends(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n")
        answer = raw.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_refused_body_leaves_the_site_serving(served: Served) -> None:
    served.post("/", b"x" * (MAX_BODY_BYTES + 1), {})
    status, _, body = served.post("/", b"four", {})
    assert (status, body) == (200, b"4")


def test_a_taken_port_is_reported(served: Served) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "tests.emoweb.served_echo", str(served.port), str(served.written)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode != 0
    assert "in use" in second.stderr
