"""Django settings: everything that a deployment can change comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from csp.constants import NONE, SELF
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from emoweb import __version__, variables
from emoweb.data_folder import default_data_folder, is_installed, kept_secret_key, site_files
from emoweb.environment import Environment, Problem
from emoweb.static_version import static_version

BASE_DIR = site_files()
VERSION = __version__
CONSENT_VERSION = "2026-11.2"

_environment = Environment(os.environ)
_read = _environment.read

# What a deployment may set; emoweb/variables.py documents each.
_data_folders = {_read(variables.DATA_DIR), _read(variables.DATA_FOLDER)} - {""}
DATA_FOLDER = Path(min(_data_folders)) if _data_folders else default_data_folder()
if len(_data_folders) > 1:
    _environment.problems.append(Problem("DATA_DIR", min(_data_folders), "Leave EMOWEB_DATA_FOLDER unset."))
HOST = _read(variables.HOST)
PORT = _read(variables.PORT)
DEBUG = _read(variables.DEBUG)
# Made when something is first signed, not here: importing the settings writes nothing.
SECRET_KEY = _read(variables.SECRET_KEY) or cast(
    "str", SimpleLazyObject(lambda: kept_secret_key(DATA_FOLDER))
)
ALLOWED_HOSTS = _read(variables.ALLOWED_HOSTS)
TRUSTED_PROXY = _read(variables.TRUSTED_PROXY)
DEVICE = _read(variables.DEVICE)
ENGINE_URL = _read(variables.ENGINE_URL)
ENGINE_IN_FLIGHT = _read(variables.ENGINE_IN_FLIGHT)
MAX_VIEWERS = _read(variables.MAX_VIEWERS)
API_LIMIT = _read(variables.API_LIMIT)
HISTORY_DAYS = _read(variables.HISTORY_DAYS)
VIDEO_MAX_MB = _read(variables.VIDEO_MAX_MB)
VIDEO_MAX_MINUTES = _read(variables.VIDEO_MAX_MINUTES)
SOURCE_URL = _read(variables.SOURCE_URL)
FEATURES = _read(variables.FEATURES)
ACCOUNTS = _read(variables.ACCOUNTS)
_MAIL_SERVER = _read(variables.EMAIL_URL)
EMAIL_FROM = _read(variables.EMAIL_FROM)
REDIS_URL = _read(variables.REDIS_URL)
METRICS_TOKEN = _read(variables.METRICS_TOKEN)
LOG_FORMAT = _read(variables.LOG_FORMAT)
SETTINGS_PROBLEMS = _environment.problems

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "servestatic",
    "emoweb.apps.EmowebConfig",
    "emoweb.live",
    "emoweb.recordings",
    "emoweb.pages",
    *variables.FEATURE_APPS.values(),
    "emoweb.serving",
]
_ACCOUNT_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "emoweb.accounts",
]
MIDDLEWARE = [
    "emoweb.middleware.JsonErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "emoweb.middleware.PermissionsPolicyMiddleware",
    "emoweb.middleware.StaticFilesMiddleware",
    "emoweb.visitors.VisitorMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# They need the visitor, who may be signing in; the form's token comes first.
_ACCOUNT_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "emoweb.urls"
ASGI_APPLICATION = "emoweb.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "emoweb.pages.context.site",
            ],
        },
    },
]
# Notices travel in a signed cookie: without accounts the site keeps no session of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _database() -> dict[str, Any]:
    """Return the database's settings; SQLite gets what lets a writer and readers work side by side."""
    default: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_FOLDER / "emoweb.sqlite3"),
    }
    database = _read(variables.DATABASE_URL) or default
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            **database.get("OPTIONS", {}),
        }
        # A file, since a database in memory cannot be shared with the recorder's thread.
        database["TEST"] = {"NAME": str(DATA_FOLDER / "test.sqlite3")}
    return database


DATABASES = {"default": _database()}

# Several web processes exchange messages through Redis; a single one does not need it.
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }

if ACCOUNTS != "off":
    INSTALLED_APPS += _ACCOUNT_APPS
    MIDDLEWARE += _ACCOUNT_MIDDLEWARE
    AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
    AUTH_PASSWORD_VALIDATORS = [
        {
            "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
            "OPTIONS": {"min_length": 10},
        },
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    ]
    LOGIN_URL = "account_login"
    LOGIN_REDIRECT_URL = "history:list" if "history" in FEATURES else "live"
    ACCOUNT_LOGOUT_REDIRECT_URL = "live"
    ACCOUNT_ADAPTER = "emoweb.accounts.adapter.AccountAdapter"
    ACCOUNT_USER_DISPLAY = "emoweb.accounts.adapter.shown_name"
    ACCOUNT_LOGIN_METHODS = {"email"}
    ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
    ACCOUNT_SESSION_REMEMBER = True
    ACCOUNT_EMAIL_NOTIFICATIONS = True
    ACCOUNT_EMAIL_SUBJECT_PREFIX = "emoweb: "
    # Without a mail server, mail is printed to the site's console, so no address could be confirmed.
    ACCOUNT_EMAIL_VERIFICATION = "mandatory" if _MAIL_SERVER else "none"
    # Attempts are counted over all processes, where the accounts are anyway. Every new one drops those that
    # no longer count, and no number of them drops one that does, as Django's usual limit of 300 would.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "emoweb_cache",
            "OPTIONS": {"MAX_ENTRIES": 0, "CULL_FREQUENCY": 1_000_000},
        }
    }
if ACCOUNTS == "required":
    MIDDLEWARE.append("emoweb.accounts.middleware.SignInMiddleware")
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
globals().update(_MAIL_SERVER)
if EMAIL_FROM:
    DEFAULT_FROM_EMAIL = EMAIL_FROM

# Videos are analyzed by separate workers: `manage.py work`. The name of the queue is stored with its jobs.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["films"]}}

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("vi", _("Vietnamese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files; an installed package has the front-end libraries among its own.
_UPLOT_FOLDER = BASE_DIR / "node_modules" / "uplot" / "dist"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [
    folder for folder in [BASE_DIR / "static"] if folder.is_dir()
]
if _UPLOT_FOLDER.is_dir():
    STATICFILES_DIRS.append(("vendor/uplot", _UPLOT_FOLDER))
STATIC_VERSION = static_version([BASE_DIR / "static", _UPLOT_FOLDER])
STATIC_URL = f"/static/{STATIC_VERSION}/"
STATIC_ROOT = (DATA_FOLDER if is_installed() else BASE_DIR) / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedStaticFilesStorage"},
}
SERVESTATIC_ALLOW_ALL_ORIGINS = False

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY = (
    "camera=(self), accelerometer=(), autoplay=(self), browsing-topics=(), display-capture=(), "
    "encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), "
    "screen-wake-lock=(self), serial=(), usb=(), xr-spatial-tracking=()"
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "emoweb.pages.errors.csrf_failure"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600


def _trusted_origins(hosts: list[str]) -> list[str]:
    """Return the https origins of the allowed hosts; a leading dot includes every subdomain."""
    origins = [f"https://{host.removeprefix('.')}" for host in hosts if host != "*"]
    return origins + [f"https://*{host}" for host in hosts if host.startswith(".")]


if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = _trusted_origins(ALLOWED_HOSTS)
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
VISITOR_COOKIE_SECURE = TRUSTED_PROXY
CSRF_COOKIE_SECURE = TRUSTED_PROXY
SESSION_COOKIE_SECURE = TRUSTED_PROXY  # the notices' cookie follows this one
LANGUAGE_COOKIE_SECURE = TRUSTED_PROXY
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS is sent behind a TLS proxy only: on http it means nothing
    "security.W005",  # whether subdomains are https is the domain's owner's to say
    "security.W008",  # the proxy in front redirects; health probes come in plain http
    "security.W012",  # so is the cookie of who is signed in
    "security.W016",  # cookies are secure behind a TLS proxy; on localhost they could not be
    "security.W021",  # preloading HSTS is the domain's owner's to ask for
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": "emoweb.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would print each record a second time.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
