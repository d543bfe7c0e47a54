"""A deployment is set up by environment variables; wrong ones are named, each with what to do."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb import data_folder
from emoweb.data_folder import kept_secret_key, make_folder
from emoweb.environment import Environment
from emoweb.static_version import static_version
from emoweb.variables import DEBUG, FEATURES, VARIABLES
from recognition.folders import VARIABLES as LIBRARY_VARIABLES

FOREIGN = tuple(variable.name for variable in (*VARIABLES, *LIBRARY_VARIABLES))


def run(arguments: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a data folder and settings of its own, and none of this process's."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {
        "EMOWEB_DATA_FOLDER": str(folder),
        "DJANGO_SETTINGS_MODULE": "emoweb.settings",
        **variables,
    }
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def settings_with(folder: Path, *names: str, **variables: str) -> list[Any]:
    """Return the named settings of a fresh process."""
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps([getattr(settings, name, None) for name in {list(names)!r}], default=str))"
    )
    result = run(["-c", code], folder, **variables)
    assert result.returncode == 0, result.stderr
    values: list[Any] = json.loads(result.stdout)
    return values


def test_the_defaults_are_safe(tmp_path: Path) -> None:
    assert settings_with(
        tmp_path,
        "DEBUG",
        "HOST",
        "PORT",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXY",
        "MAX_VIEWERS",
        "HISTORY_DAYS",
        "DEVICE",
    ) == [False, "127.0.0.1", 8000, ["localhost", "127.0.0.1", "[::1]"], False, None, 365, "auto"]


def test_sqlite_lets_the_recorder_write_while_pages_read(tmp_path: Path) -> None:
    [databases] = settings_with(tmp_path, "DATABASES")
    options = databases["default"]["OPTIONS"]
    assert databases["default"]["NAME"] == str(tmp_path / "emoweb.sqlite3")
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 5
    assert "journal_mode=WAL" in options["init_command"]


def test_another_database_can_be_named(tmp_path: Path) -> None:
    [databases] = settings_with(tmp_path, "DATABASES", DATABASE_URL="postgres://lan:secret@db:5433/emoweb")
    database = databases["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "lan",
        "secret",
        "db",
        5433,
        "emoweb",
    ]


def test_behind_a_proxy_cookies_are_secure_and_forms_are_trusted(tmp_path: Path) -> None:
    names = ["VISITOR_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_SECURE"]
    assert settings_with(tmp_path, *names) == [False] * 4
    assert settings_with(tmp_path, *names, TRUSTED_PROXY="1") == [True] * 4
    hosts = {"ALLOWED_HOSTS": "faces.example.org, .example.net", "TRUSTED_PROXY": "1"}
    origins, header, hsts = settings_with(
        tmp_path, "CSRF_TRUSTED_ORIGINS", "SECURE_PROXY_SSL_HEADER", "SECURE_HSTS_SECONDS", **hosts
    )
    assert origins == ["https://faces.example.org", "https://example.net", "https://*.example.net"]
    assert header == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert hsts > 0


def test_without_a_proxy_the_https_header_is_ignored(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "SECURE_PROXY_SSL_HEADER", "SECURE_HSTS_SECONDS") == [None, 0]


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    [first] = settings_with(tmp_path, "SECRET_KEY")
    [second] = settings_with(tmp_path, "SECRET_KEY")
    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_given_secret_key_is_used_and_not_kept(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "SECRET_KEY", SECRET_KEY="given") == ["given"]
    assert not (tmp_path / "secret_key").exists()


def test_an_empty_key_file_is_recreated(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    key = kept_secret_key(tmp_path)
    assert len(key) >= 50
    assert kept_secret_key(tmp_path) == key


def test_a_key_that_may_only_be_read_is_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("mounted\n")
    (tmp_path / "secret_key").chmod(0o400)
    assert kept_secret_key(tmp_path) == "mounted"


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    for start in range(20):
        folder = tmp_path / str(start)
        together = threading.Barrier(8)

        def first_need(folder: Path = folder, together: threading.Barrier = together) -> str:
            together.wait()
            return kept_secret_key(folder)

        with ThreadPoolExecutor(8) as threads:
            keys = [threads.submit(first_need) for _ in range(8)]
        assert {key.result() for key in keys} == {(folder / "secret_key").read_text()}


def test_a_key_written_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process writes its key after this one has seen none."""
    (tmp_path / "secret_key").write_text("the other's key")
    monkeypatch.setattr(data_folder, "_read_key", lambda path: "")
    assert kept_secret_key(tmp_path) == "the other's key"


def test_importing_the_settings_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    code = "from django.conf import settings; settings.DATABASES; settings.DATA_FOLDER"
    assert run(["-c", code], folder).returncode == 0
    assert not folder.exists()


@pytest.mark.parametrize("command", [["check"], ["migrate", "--verbosity", "0"]])
def test_a_command_before_set_up_makes_the_folder_it_needs(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "a" / "var"
    result = run(["manage.py", *command], folder)
    assert result.returncode == 0, result.stderr
    assert folder.is_dir()


def test_a_folder_that_cannot_be_made_gives_a_key_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / "var"
    make_folder(folder)
    assert not folder.exists()
    assert kept_secret_key(folder) != kept_secret_key(folder)


def test_a_clean_start_passes_the_checks(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize("proxy", ["0", "1"])
def test_a_deployment_passes_djangos_own_checks(tmp_path: Path, proxy: str) -> None:
    variables = {"TRUSTED_PROXY": proxy, "SOURCE_URL": "https://example.org/emoweb"}
    result = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path, **variables)
    assert result.returncode == 0, result.stderr


def test_a_deployment_without_its_source_is_reminded(tmp_path: Path) -> None:
    result = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path)
    assert result.returncode == 1
    assert "emoweb.W001" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("DEVICE", "tpu", "auto, cpu, cuda or cuda:N"),
        ("DEVICE", "cuda:", "auto, cpu, cuda or cuda:N"),
        ("ENGINE_URL", "engine:8100", "http://HOST:PORT"),
        ("ENGINE_URL", "http://engine:8100/v1", "http://HOST:PORT"),
        ("MAX_VIEWERS", "0", "a whole number from 1"),
        ("MAX_VIEWERS", "ten", "a whole number from 1"),
        ("PORT", "65536", "a whole number from 1 to 65535"),
        ("HISTORY_DAYS", "-1", "a whole number from 1"),
        ("DEBUG", "perhaps", "1 or 0"),
        ("TRUSTED_PROXY", "nginx", "1 or 0"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("FEATURES", "images,movies", "images,videos,history,api, or to none"),
        ("FEATURES", "none,api", "images,videos,history,api, or to none"),
        ("FEATURES", ",", "images,videos,history,api, or to none"),
        ("DATABASE_URL", "mongo://lan:secret@db/emoweb", "sqlite:///PATH"),
        ("DATABASE_URL", "postgres://lan:secret@db:port/emoweb", "sqlite:///PATH"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, value: str, hint: str) -> None:
    environment = Environment({name: value})
    read_all(environment)
    [problem] = environment.problems
    assert problem.name == name
    assert hint in problem.hint
    assert "secret" not in problem.value + problem.hint


def read_all(environment: Environment) -> None:
    """Read every setting as the settings module does."""
    for variable in VARIABLES:
        environment.read(variable)


def test_a_wrong_flag_of_the_library_is_named_too(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path, PERCEIVED_GENDER="perhaps")
    assert result.returncode == 1
    assert "PERCEIVED_GENDER cannot be 'perhaps'" in result.stderr


def test_all_wrong_settings_are_reported_at_once(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path, DEVICE="tpu", MAX_VIEWERS="many")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "DEVICE" in result.stderr
    assert "MAX_VIEWERS" in result.stderr
    assert result.stderr.count("emoweb.E001") == 2


def test_a_wrong_mail_server_is_reported_without_its_password(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], tmp_path, EMAIL_URL="post://me:hunter2@mail.example")
    assert "EMAIL_URL" in result.stderr
    assert "hunter2" not in result.stderr


def test_with_a_mail_server_a_new_account_confirms_its_address(tmp_path: Path) -> None:
    names = ("ACCOUNT_EMAIL_VERIFICATION", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "DEFAULT_FROM_EMAIL")
    variables = {"ACCOUNTS": "optional", "EMAIL_URL": "smtp+tls://me:secret@mail.example:587"}
    found = settings_with(tmp_path, *names, EMAIL_FROM="site@example.com", **variables)
    assert found == ["mandatory", "mail.example", 587, True, "site@example.com"]


def test_a_deployment_with_accounts_passes_djangos_own_checks(tmp_path: Path) -> None:
    variables = {"ACCOUNTS": "required", "TRUSTED_PROXY": "1", "SOURCE_URL": "https://example.com/source"}
    result = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path, **variables)
    assert result.returncode == 0, result.stderr


def test_a_data_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    result = run(["manage.py", "check"], tmp_path / "file" / "var")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "emoweb.E002" in result.stderr


@given(st.dictionaries(st.sampled_from(FOREIGN), st.text(st.characters(exclude_categories=["Cs"]))))
def test_no_value_makes_the_readers_fail(values: dict[str, str]) -> None:
    read_all(Environment(values))


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("On", True), ("no", False), ("", False), (" 0 ", False)]
)
def test_flags_are_read_as_people_write_them(value: str, expected: bool) -> None:
    assert Environment({"DEBUG": value}).read(DEBUG) is expected


@pytest.mark.parametrize(
    ("value", "features"),
    [
        ("", {"images", "videos", "history", "api"}),
        ("none", set()),
        (" None ", set()),
        ("API, images,,api", {"api", "images"}),
    ],
)
def test_features_are_a_list(value: str, features: set[str]) -> None:
    assert Environment({"FEATURES": value}).read(FEATURES) == features


def test_an_unknown_feature_stops_the_start(tmp_path: Path) -> None:
    result = run(["manage.py", "serve"], tmp_path, FEATURES="images,movies")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "FEATURES cannot be 'images,movies'" in result.stderr


def test_without_history_pages_signing_in_leads_to_the_live_page(tmp_path: Path) -> None:
    features = {"ACCOUNTS": "optional", "FEATURES": "images"}
    assert settings_with(tmp_path, "LOGIN_REDIRECT_URL", **features) == ["live"]


def test_the_static_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body {}")
    before = static_version([tmp_path])
    assert before == static_version([tmp_path, tmp_path / "absent"])
    (tmp_path / "a.css").write_text("main {}")
    changed = static_version([tmp_path])
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    assert len({before, changed, static_version([tmp_path])}) == 3


def test_json_logs_are_one_object_a_line(tmp_path: Path) -> None:
    code = (
        "import django, logging; django.setup(); log = logging.getLogger('emoweb')\n"
        "log.warning('Chào %s', 'Lan\\nMinh')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed')\n"
    )
    lines = run(["-c", code], tmp_path, LOG_FORMAT="json").stderr.splitlines()
    first, second = [json.loads(line) for line in lines]
    assert (first["message"], first["level"]) == ("Chào Lan\nMinh", "warning")
    assert "ZeroDivisionError" in second["traceback"]
