"""Every environment variable that the site reads: its type, its default, and its row in docs/settings.md.

`tools/settings_table.py` writes the table. The library's own variables are in `recognition/folders.py`.
"""

from __future__ import annotations

from typing import Final

from emoweb import environment as env

# Each optional feature by its name in FEATURES: this line is all that registers its app.
FEATURE_APPS: Final = {
    "images": "emoweb.photo",
    "videos": "emoweb.video",
    "history": "emoweb.history",
    "api": "emoweb.api",
}

HOST: Final = env.text(
    "HOST",
    "127.0.0.1",
    "`127.0.0.1`",
    "The address the server listens on; `0.0.0.0` listens on every interface.",
)
PORT: Final = env.whole_number("PORT", 8000, 1, 65535, "The port the server listens on.")
DEBUG: Final = env.flag(
    "DEBUG", False, "Shows Django's debug pages. Never enable it on a server that others can reach."
)
SECRET_KEY: Final = env.text(
    "SECRET_KEY",
    "",
    "created on first use in `DATA_DIR`",
    "The key that signs cookies and resume tokens. A new key invalidates every visitor's cookie, and with it"
    " their access to their history.",
)
ALLOWED_HOSTS: Final = env.names(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "The host names the site is served under, separated by commas. The origin of a WebSocket must be one of"
    " them.",
)
TRUSTED_PROXY: Final = env.flag(
    "TRUSTED_PROXY",
    False,
    "`1` behind a TLS proxy: its forwarded scheme and address are trusted, cookies are secure, and forms"
    " accept the `https://` origins of the allowed hosts.",
)
DATABASE_URL: Final = env.database(
    "DATABASE_URL",
    "SQLite: `emoweb.sqlite3` in `DATA_DIR`",
    "The database, for example PostgreSQL: `postgres://user:password@host/name`. While it is unreachable,"
    " measurements stay in memory and are written later.",
)
DATA_DIR: Final = env.text(
    "DATA_DIR",
    "",
    "`var/` in a clone, otherwise the user's data folder",
    "The folder of the database, the secret key and uploaded videos; for an installed package also of"
    " prepared models and collected static files.",
)
DATA_FOLDER: Final = env.text(
    "EMOWEB_DATA_FOLDER",
    "",
    "`DATA_DIR`",
    "An older name of `DATA_DIR`. Setting both to different folders is an error.",
)
ENGINE_URL: Final = env.address(
    "ENGINE_URL",
    "none",
    "`http://host:8100`: a remote engine analyzes live frames and images ([cluster.md](cluster.md)). It must"
    " serve the same weights. Without it, the engine runs in the web process.",
)
ENGINE_IN_FLIGHT: Final = env.whole_number(
    "ENGINE_IN_FLIGHT",
    16,
    1,
    10_000,
    "How many frames may be in flight to `ENGINE_URL` at a time; the others wait here, one for each viewer.",
)
DEVICE: Final = env.device(
    "DEVICE", "`cpu`, `cuda` or `cuda:N`; `auto` uses a CUDA device where there is one."
)
MAX_VIEWERS: Final = env.optional_number(
    "MAX_VIEWERS",
    1,
    100_000,
    "from the measured speed, at least 8",
    "How many viewers may use the live page at the same time.",
)
API_LIMIT: Final = env.whole_number(
    "API_LIMIT",
    60,
    0,
    1_000_000,
    "How many `analyze` and `models` requests an address may send in a minute; `0` disables the limit.",
)
HISTORY_DAYS: Final = env.whole_number(
    "HISTORY_DAYS", 365, 1, 36_500, "How many days sessions are kept after they were last active."
)
VIDEO_MAX_MB: Final = env.whole_number("VIDEO_MAX_MB", 500, 1, 100_000, "The largest video, in megabytes.")
VIDEO_MAX_MINUTES: Final = env.whole_number(
    "VIDEO_MAX_MINUTES", 30, 1, 10_000, "The longest video, in minutes."
)
SOURCE_URL: Final = env.text(
    "SOURCE_URL",
    "",
    "none",
    "The target of the footer's source link. The license requires whoever serves a modified version"
    " to set it.",
)
FEATURES: Final = env.subset(
    "FEATURES",
    tuple(FEATURE_APPS),
    "The enabled features, separated by commas, or `none`: see [Features](#features).",
)
ACCOUNTS: Final = env.choice(
    "ACCOUNTS",
    "off",
    ["off", "optional", "required"],
    "`optional`: visitors may sign in and find their history in every browser ([accounts.md](accounts.md));"
    " `required`: the site requires an account.",
)
EMAIL_URL: Final = env.mail(
    "EMAIL_URL",
    "none",
    "The mail server for account mail, `smtp+tls://USER:PASSWORD@HOST:587`. With one, a new account must"
    " confirm its address. Without one, mail is printed to the server's output.",
)
EMAIL_FROM: Final = env.text("EMAIL_FROM", "", "`webmaster@localhost`", "The sender of account mail.")
REDIS_URL: Final = env.text(
    "REDIS_URL",
    "",
    "none",
    "`redis://host:6379/0` for several web processes: they share resumed sessions, deletions and the number"
    " of viewers.",
)
METRICS_TOKEN: Final = env.text(
    "METRICS_TOKEN",
    "",
    "none",
    "Requests to `/metrics` must send it as `Authorization: Bearer TOKEN`. Without it, only this machine may"
    " read `/metrics`.",
)
LOG_FORMAT: Final = env.choice(
    "LOG_FORMAT", "text", ["text", "json"], "`json` writes each log record as one line of JSON."
)

VARIABLES: Final[tuple[env.Variable[object], ...]] = tuple(
    value for value in globals().copy().values() if isinstance(value, env.Variable)
)
