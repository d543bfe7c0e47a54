"""Names that installations have stored, bookmarked or scripted: whatever code is renamed, they stay.

The lists are those of 0.1.0. A new name is added by whoever introduces it; one is removed only together
with a migration of what is stored.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.management import get_commands
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings
from django.urls import resolve
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult
from prometheus_client.parser import text_string_to_metric_families

from emoweb.live.session.resume import session_of_token
from emoweb.video.models import Video
from emoweb.visitors import COOKIE_NAME, owner_from_cookie
from tests.emoweb.hall import Hall
from tests.emoweb.upgrade import dumps

ID = "00000000-0000-4000-8000-000000000000"
APP_LABELS = ("api", "django_tasks_database", "history", "live", "pages", "photo", "serving", "video")
TABLES = {
    "api_key": "id owner name start digest created last_used",
    "history_session": "id owner title started last_seen ended model label_set labels consent frames drops",
    "history_sample": "id second face label confidence n probabilities session_id",
    "history_originalsample": "id second face label confidence n probabilities session_id",
    "history_marker": "id second note session_id",
    "history_facemerge": "id face into session_id",
    "video_film": "id owner title created model label_set labels quality stride size received duration_s "
    "state code cut_short worker heartbeat run_began run_from_s position_s saved_s checkpoint frames",
    "video_filmsample": "id second face label confidence n probabilities film_id",
}
VIDEO_STATES = ("uploading", "waiting", "running", "paused", "cancelled", "done", "failed")
MIGRATIONS = (
    ("api", "0001_initial"),
    ("history", "0001_initial"),
    ("history", "0002_viewer"),
    ("video", "0001_initial"),
)
PATHS = (
    "/",
    "/history/",
    "/history/delete/",
    "/history/compare/",
    *(
        f"/history/{ID}/{rest}"
        for rest in (
            *(
                "",
                "rename/",
                "delete/",
                "export.csv",
                "export.json",
                "timeline.json",
                "markers/",
                "markers/7/",
            ),
            *("markers/7/remove/", "merge/", "part/"),
        )
    ),
    "/photo/",
    "/photo/analyse/",
    "/video/",
    "/video/announce/",
    *(
        f"/video/{ID}/{rest}"
        for rest in (
            *("", "part/", "complete/", "status/", "pause/", "resume/", "cancel/", "delete/"),
            *("annotated.webm", "export.csv", "export.json"),
        )
    ),
    "/privacy/",
    "/models/",
    "/health",
    "/metrics",
    "/api/",
    "/api/v1/openapi.json",
    "/api/v1/analyze",
    "/api/v1/models",
    "/api/v1/sessions",
    f"/api/v1/sessions/{ID}",
    "/account/keys/",
    "/account/keys/7/revoke/",
    "/i18n/setlang/",
)
ACCOUNT_PATHS = (
    *("", "delete/", "login/", "logout/", "inactive/", "signup/", "reauthenticate/", "confirm-email/"),
    *("confirm-email/MQ:1abc:d_e-f/", "password/change/", "password/reset/", "password/reset/done/"),
    *("password/reset/key/1-set-password/", "password/reset/key/done/"),
)
ENVIRONMENT = (
    *(
        "EMOWEB_DATA_FOLDER",
        "HOST",
        "PORT",
        "DEBUG",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXY",
        "DEVICE",
    ),
    *("ENGINE_URL", "ENGINE_IN_FLIGHT", "MAX_VIEWERS", "API_LIMIT", "HISTORY_DAYS", "VIDEO_MAX_MB"),
    *(
        "VIDEO_MAX_MINUTES",
        "PERCEIVED_GENDER",
        "SOURCE_URL",
        "ACCOUNTS",
        "EMAIL_URL",
        "EMAIL_FROM",
        "REDIS_URL",
    ),
    *("METRICS_TOKEN", "LOG_FORMAT", "WEIGHTS", "EMOWEB_CACHE", "DATABASE_URL"),
)
COMMANDS = ("serve", "set_up", "work", "backup", "prune_history")
LIBRARY_COMMANDS = (
    *(
        "predict",
        "bench",
        "list",
        "prepare",
        "serve-engine",
        "train",
        "evaluate",
        "probe",
        "export",
        "compare",
    ),
    *("cross-validate", "ablate", "duplicates", "train-detector", "evaluate-detector", "match-crops"),
    "probe-detector",
)
COOKIES = {
    "CSRF_COOKIE_NAME": "csrftoken",
    "LANGUAGE_COOKIE_NAME": "django_language",
    "SESSION_COOKIE_NAME": "sessionid",
}
LOCAL_STORAGE = ("theme", "consent", "mirror", "analysed", "model", "label_set", "quality", "camera")
CSV_COLUMNS = ("second", "face", "label", "confidence", "n")
CARD_KEYS = (
    *("name", "title", "task", "architecture", "arguments", "parameters", "sha256", "input", "labels"),
    *("temperature", "temperature_views", "thresholds", "training", "evaluations", "limits", "licence"),
)
METRICS = (
    *("emoweb_results_total", "emoweb_drops_total", "emoweb_errors_total", "emoweb_faces_total"),
    *("emoweb_stage_seconds", "emoweb_viewers", "emoweb_capacity", "emoweb_queue", "emoweb_engine_fps"),
    *("emoweb_frame_seconds", "emoweb_recorder_waiting_samples", "emoweb_recorder_lost_samples"),
    *("emoweb_recorder_failing", "emoweb_state"),
)


def source_of(folders: tuple[str, ...], suffix: str, project: Path) -> str:
    """Return the source of a kind in some folders, as one text."""
    files = [file for folder in folders for file in sorted((project / folder).rglob(f"*{suffix}"))]
    return "\n".join(file.read_text("utf-8") for file in files)


def test_apps_keep_their_labels() -> None:
    assert set(APP_LABELS) <= {app.label for app in apps.get_app_configs()}


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_columns(table: str) -> None:
    columns = {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields]
        for model in apps.get_models()
    }
    assert set(TABLES[table].split()) <= set(columns[table])


@pytest.mark.parametrize(("app", "name"), MIGRATIONS)
def test_migrations_that_ran_keep_their_names(app: str, name: str) -> None:
    config = apps.get_app_config(app)
    import_module(f"{config.name}.migrations.{name}")


def test_states_of_videos_keep_their_names() -> None:
    states = Video._meta.get_field("state").choices
    assert set(VIDEO_STATES) <= {value for value, _name in states or []}


def test_the_queue_of_videos_and_its_folder_keep_their_names() -> None:
    assert "films" in settings.TASKS["default"]["QUEUES"]
    video = Video(id=UUID(ID))
    assert video.folder == Path(settings.DATA_FOLDER) / "films" / ID.replace("-", "")
    assert (video.upload.name, video.annotated.name) == ("upload", "annotated.webm")


def test_a_queued_jobs_task_is_found_by_its_old_path() -> None:
    task = import_string("emoweb.video.tasks.analyse_film")
    assert task.queue_name == "films"
    queued = DBTaskResult(task_path=task.module_path, queue_name="films", backend_name="default")
    assert (queued.task_path, queued.task.func) == ("emoweb.video.tasks.analyse_film", task.func)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backwards", [False, True])
def test_renaming_the_video_models_runs_no_statement(backwards: bool) -> None:
    loader = MigrationLoader(connection)
    migration = loader.get_migration("video", "0003_rename_film_to_video")
    statements = loader.collect_sql([(migration, backwards)])
    assert [line for line in statements if not line.startswith(("--", "BEGIN", "COMMIT"))] == []


@pytest.mark.parametrize("path", PATHS)
def test_addresses_stay(path: str) -> None:
    assert resolve(path)


@pytest.mark.parametrize("path", ACCOUNT_PATHS)
def test_the_accounts_addresses_stay(project: Path, path: str) -> None:
    # Without accounts they are in no table of addresses, and their module cannot be imported.
    source = (project / "emoweb" / "accounts" / "urls.py").read_text("utf-8")
    plain = re.findall(r'path\(\s*"([^"]*)"', source)
    expressions = re.findall(r'r"(\^[^"]+)"', source)
    assert path in plain or any(re.match(expression, path) for expression in expressions)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_environment_variables_keep_their_names(project: Path, name: str) -> None:
    assert f'"{name}"' in source_of(("emoweb", "recognition"), ".py", project)
    assert f"`{name}`" in (project / "docs" / "settings.md").read_text("utf-8")


def test_commands_keep_their_names() -> None:
    assert set(COMMANDS) <= get_commands().keys()


def test_the_librarys_commands_keep_their_names() -> None:
    from recognition.cli.main import COMMANDS as OFFERED

    assert set(LIBRARY_COMMANDS) <= OFFERED.keys()


def test_the_ray_application_is_where_deployments_look_for_it(project: Path) -> None:
    from recognition.serving.ray_application import build

    assert callable(build)
    assert "recognition.remote.ray_application:build" in source_of(("deploy",), ".yaml", project)


def test_cookies_keep_their_names() -> None:
    assert COOKIE_NAME == "visitor"
    assert {name: getattr(settings, name) for name in COOKIES} == COOKIES
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.cookie.CookieStorage"


@pytest.mark.parametrize("dump", ["sqlite", "postgres"])
def test_what_0_1_0_signed_is_accepted(dump: str) -> None:
    expected = json.loads((dumps.DUMPS / dump / "expected.json").read_text("utf-8"))
    cookie = expected["visitor"]["cookie"].removeprefix("visitor=")
    with override_settings(SECRET_KEY=dumps.SECRET_KEY):
        owner = owner_from_cookie(cookie)
        assert owner == f"visitor:{cookie.partition(':')[0]}"
        assert str(session_of_token(expected["running"]["resume"], owner)) == expected["running"]["session"]


def test_signing_salts_stay() -> None:
    visitor = "0123456789abcdef0123456789abcdef"
    cookie = signing.TimestampSigner(salt="emoweb.visitor").sign(visitor)
    assert owner_from_cookie(cookie) == f"visitor:{visitor}"
    token = signing.dumps([ID.replace("-", ""), f"visitor:{visitor}"], salt="emoweb.live.resume")
    assert str(session_of_token(token, f"visitor:{visitor}")) == ID


@pytest.mark.parametrize("name", LOCAL_STORAGE)
def test_what_browsers_remember_keeps_its_name(project: Path, name: str) -> None:
    scripts = source_of(("static/js",), ".js", project)
    by_name = (f'preferences.get("{name}")', f'preferences.set("{name}"', f'picker("{name}")')
    assert any(use in scripts for use in by_name)


def test_the_theme_is_read_before_the_page_is_drawn(project: Path) -> None:
    assert 'localStorage.getItem("theme")' in (project / "static/js/theme.js").read_text("utf-8")


def test_the_cache_table_keeps_its_name(project: Path) -> None:
    assert '"LOCATION": "emoweb_cache"' in (project / "emoweb" / "settings.py").read_text("utf-8")


@pytest.mark.parametrize("module", ["emoweb.recordings.exports", "emoweb.video.exports"])
def test_exports_keep_their_columns(module: str) -> None:
    assert import_module(module).CSV_COLUMNS[: len(CSV_COLUMNS)] == CSV_COLUMNS


def test_cards_keep_their_keys(project: Path) -> None:
    cards = sorted((project / "weights").glob("*.json"))
    assert cards
    for card in cards:
        assert set(CARD_KEYS) <= json.loads(card.read_text("utf-8")).keys(), card.name


def test_metrics_keep_their_names() -> None:
    service = Hall().service
    families = list(text_string_to_metric_families(service.metrics.text(service.status()).decode()))
    names = {family.name for family in families}
    assert set(METRICS) <= names | {f"{family.name}_total" for family in families if family.type == "counter"}
