"""The whole site on one machine, as it would run on several: what `make cluster` starts.

    python tests/cluster.py [--viewers 40] [--json]

PostgreSQL, Redis, nginx, two web processes and Ray Serve with two replicas, in one temporary folder and on
free ports; what dies is started again, as systemd would. Ctrl-C ends everything.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.site import Site
from tests.postgres import Postgres, postgres_programs
from tests.processes import PROJECT, Process, free_port
from tests.redis import Redis, redis_program

PATIENCE_S = 180.0
LOOK_EACH_S = 0.5
DEBIAN_PACKAGES = {"initdb": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 21m;
    map $http_upgrade $emoweb_connection {{ default upgrade; "" close; }}
    upstream emoweb {{
{servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://emoweb;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $emoweb_connection;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_connect_timeout 2s;
            proxy_read_timeout 11m;
        }}
        location = /metrics {{ return 404; }}
    }}
}}
"""


class Cluster:
    """Everything, in `folder`; `supervised` starts again what dies."""

    def __init__(self, folder: Path, viewers: int = 40) -> None:
        """Find the programs and choose the ports; raises FileNotFoundError for a program that is missing."""
        self.folder = folder
        programs, redis_server, nginx = postgres_programs(), redis_program(), shutil.which("nginx")
        for name, found in (("initdb", programs), ("redis-server", redis_server), ("nginx", nginx)):
            if not found:
                raise FileNotFoundError(
                    f"{name} is missing (Debian: apt-get install {DEBIAN_PACKAGES[name]})"
                )
        assert programs is not None
        assert redis_server is not None
        assert nginx is not None
        folder.chmod(0o755)  # whoever runs PostgreSQL must get there
        self.postgres = Postgres(folder / "postgres", programs)
        self.redis = Redis(folder, redis_server)
        self.port, self.ray_port, self.engine_port = free_port(), free_port(), free_port()
        self._ray_environment = self._environment_of_ray()
        self.ray_head = Process(self._ray_words(), folder / "ray.log", self._ray_environment)
        self.serve = Process(
            [_beside("serve"), "run", "--address", f"127.0.0.1:{self.ray_port}", str(self._serve_file())],
            folder / "serve.log",
            self._ray_environment,
        )
        shared = {
            "DATABASE_URL": self.postgres.address,
            "REDIS_URL": self.redis.address,
            "SECRET_KEY": secrets.token_hex(32),
            "ENGINE_URL": f"http://127.0.0.1:{self.engine_port}",
            "MAX_VIEWERS": str(viewers),
        }
        self.sites = []
        for name in ("one", "other"):
            (folder / name).mkdir()
            self.sites.append(Site(folder / name, **shared))
        self.nginx = Process([nginx, "-c", str(self._nginx_file()), "-p", str(folder)], folder / "nginx.out")
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    @property
    def address(self) -> str:
        """Where visitors go, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, say: Callable[[str], None] = lambda line: None) -> None:
        """Start everything and wait until the site is ready."""
        say("PostgreSQL and Redis")
        self.postgres.start()
        self.redis.start()
        say("Ray, and two replicas of the engine on it")
        self.ray_head.start()
        self._wait_for(self._ray_answers, self.ray_head, "ray.log")
        self.serve.start()
        self._wait_for(self._engine_answers, self.serve, "serve.log")
        say("two web processes behind nginx")
        for site in self.sites:
            site.start()
        self.nginx.start()
        self._wait_for(lambda: _answers(f"{self.address}/health"), self.nginx, "nginx.log")
        self._supervisor.start()

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        self.nginx.stop()
        for site in self.sites:
            site.stop()
        self.serve.stop()
        self.ray_head.stop()
        self._kill_what_ray_left()
        self.redis.stop()
        self.postgres.stop()

    def processes(self) -> dict[str, int]:
        """Return the process ids of what is of interest, by name; replicas are numbered."""
        found = {"web 1": self.sites[0].pid, "web 2": self.sites[1].pid}
        names = {
            "ServeReplica:engine": "replica",
            "ray::HAProxyManager": "proxy manager",
            "bin/haproxy ": "proxy",
        }
        for folder in Path("/proc").iterdir():
            words = _command_line(folder)
            for mark, name in names.items():
                if mark in words and self._is_ours(folder):
                    numbered = f"{name} {1 + sum(other.startswith(name + ' ') for other in found)}"
                    found[numbered if name == "replica" else name] = int(folder.name)
        return found

    def _kill_what_ray_left(self) -> None:
        """HAProxy and actors may outlive the head that started them."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid() and self._is_ours(folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(folder.name), signal.SIGKILL)

    def _is_ours(self, folder: Path) -> bool:
        try:
            return (
                f"RAY_AUTH_TOKEN={self._ray_environment['RAY_AUTH_TOKEN']}".encode()
                in (folder / "environ").read_bytes()
            )
        except OSError:
            return False

    def _supervise(self) -> None:
        while not self._stopping.wait(LOOK_EACH_S):
            for process in (self.nginx, self.serve):
                process.revive()
            self.redis.revive()
            self.postgres.revive()
            for site in self.sites:
                site.revive()

    def _wait_for(self, answers: Callable[[], bool], process: Process, log: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not answers():
            if time.monotonic() > end:
                raise AssertionError(f"{log}: {(self.folder / log).read_text()[-3000:]}")
            process.revive()
            time.sleep(0.5)

    def _ray_answers(self) -> bool:
        words = [_beside("ray"), "health-check", "--address", f"127.0.0.1:{self.ray_port}"]
        return (
            subprocess.run(words, env=self._ray_environment, capture_output=True, check=False).returncode == 0
        )

    def _engine_answers(self) -> bool:
        return _answers(f"http://127.0.0.1:{self.engine_port}/v1/models")

    def _environment_of_ray(self) -> dict[str, str]:
        lines = (PROJECT / "deploy" / "ray.env").read_text().splitlines()
        configured = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        haproxy = self.folder / "haproxy"
        own = {
            "PYTHONPATH": str(PROJECT),
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_SERVE_HAPROXY_METRICS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_STATS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(haproxy / "haproxy.cfg"),
            "RAY_SERVE_HAPROXY_SOCKET_PATH": str(haproxy / "admin.sock"),
            "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(haproxy),
            "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(haproxy / "server-state"),
        }
        return {**os.environ, **configured, **own}

    def _ray_words(self) -> list[str]:
        # Sockets lie in this folder, and the path of one may have 107 characters at most.
        (self.folder / "ray").mkdir()
        words = ["start", "--head", "--node-ip-address=127.0.0.1", f"--port={self.ray_port}", "--block"]
        limits = ["--num-cpus=4", "--object-store-memory=100000000", "--include-dashboard=false"]
        ports = [f"--ray-client-server-port={free_port()}", f"--dashboard-port={free_port()}"]
        return [_beside("ray"), *words, *limits, *ports, f"--temp-dir={self.folder / 'ray'}"]

    def _serve_file(self) -> Path:
        configured = (PROJECT / "deploy" / "serve.yaml").read_text()
        file = self.folder / "serve.yaml"
        # More replicas than these would only take the cores of the others.
        configured = configured.replace("max_replicas: 4", "max_replicas: 2")
        file.write_text(configured.replace("port: 8100", f"port: {self.engine_port}"))
        return file

    def _nginx_file(self) -> Path:
        file = self.folder / "nginx.conf"
        # At once to the other one where one does not answer, and again to it after a second.
        servers = "\n".join(
            f"        server 127.0.0.1:{site.port} max_fails=1 fail_timeout=1s;" for site in self.sites
        )
        file.write_text(NGINX.format(folder=self.folder, servers=servers, port=self.port))
        return file


def _beside(program: str) -> str:
    """A program of this Python's environment."""
    return str(Path(sys.executable).parent / program)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=3) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _command_line(folder: Path) -> str:
    if not folder.name.isdigit():
        return ""
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def main() -> None:
    """Start, tell the address, wait for Ctrl-C."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, default=40, help="at most, for each web process")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Both by name: a shell starts what runs in the background with SIGINT switched off.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="emoweb-", dir="/tmp") as folder:
        cluster = Cluster(Path(folder), options.viewers)
        try:
            cluster.start(lambda line: print(f"emoweb: starting {line} ...", file=sys.stderr, flush=True))
            configured = {"address": cluster.address, "processes": cluster.processes()}
            print(
                json.dumps(configured) if options.json else f"emoweb: {cluster.address}  (Ctrl-C ends it)",
                flush=True,
            )
            threading.Event().wait()
        except KeyboardInterrupt:
            print("emoweb: ending everything ...", file=sys.stderr, flush=True)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
