"""What a running server writes down: never a picture, a token or a cookie."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.emoweb.protocol.client import Client, fetch_json
from tests.emoweb.protocol.web_visitor import WebVisitor

pytestmark = pytest.mark.process


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_servers_log_holds_no_picture_no_token_and_no_cookie(
    own_site: Callable[..., Site], faces: bytes, zidane_jpg: Path, form: str
) -> None:
    site = own_site(LOG_FORMAT=form)
    client = Client(site.address)
    welcome = client.hello()
    for seq in range(1, 6):
        client.ask(seq, faces)
    client.show(6, b"\xff\xd8 no picture")
    client.receive()
    client.send(b"no frame at all")
    client.receive()
    client.drop()
    again = Client(site.address, cookie=client.cookie)
    resume = again.hello(resume=welcome["resume"])["resume"]
    again.say("bye")  # the session is in the database when this is answered
    again.receive()
    fetch_json(site.address, f"/history/{welcome['session']}/export.json", client.cookie)
    rude = Client(site.address)
    rude.say("nonsense", secret="a word that nobody may write down")
    rude.messages_until_closed()
    visitor = WebVisitor(site.address)
    visitor.post("/photo/analyse/", zidane_jpg.read_bytes())
    visitor.post("/photo/analyse/", zidane_jpg.read_bytes()[:9000])
    site.stop()

    log = site.log.read_bytes()
    assert log.count(b"\n") > 3, "it writes something down"
    secrets = {
        "a picture": b"\xff\xd8\xff",
        "a picture in base64": base64.b64encode(faces)[:24],
        "a resume token": welcome["resume"].encode(),
        "another resume token": resume.encode(),
        "a cookie": client.cookie.partition("=")[2].encode(),
        "a message's content": b"a word that nobody may write down",
    }
    assert [what for what, secret in secrets.items() if secret in log] == []
    if form == "json":
        lines = [line for line in log.splitlines() if line.startswith(b"{")]
        assert lines
        assert all(isinstance(json.loads(line), dict) for line in lines)
