# Functions shared by the scripts; source this file from the project's root, do not run it.
# shellcheck shell=sh

fail() {
    echo "emoweb: $*" >&2
    exit 1
}

say() {
    echo "emoweb: $*"
}

# Print the first Python that is 3.11 or newer; PYTHON overrides the search.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "no Python")
    fail "Python 3.11 or newer is needed, and $found was found: install it (Debian: apt-get install python3), or set PYTHON=/path/to/python3.11."
}

fingerprint() {
    cat "$@" 2>/dev/null | cksum
}

# is_fresh STAMP FILE...: succeed if STAMP was written for these files with their current contents.
is_fresh() {
    stamp=$1
    shift
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$@")" ]
}

mark_fresh() {
    stamp=$1
    shift
    fingerprint "$@" >"$stamp"
}

make_venv() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return 0
    fi
    python=$(find_python) || exit 1
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python's venv module is missing: install it (Debian: apt-get install $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'))."
    say "creating .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || fail "cannot create .venv: check the free disk space."
}

# pip_install STAMP REQUIREMENTS: install the requirements unless nothing has changed since the last time.
pip_install() {
    is_fresh ".venv/$1" requirements.txt "$2" && return 0
    say "installing $2 (torch alone is several gigabytes: the first time takes several minutes)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore -r "$2" ||
        fail "cannot install $2: see pip's message above; this needs 8 GB of free disk space and a connection to a package index."
    mark_fresh ".venv/$1" requirements.txt "$2"
}

has_node() {
    command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' >/dev/null 2>&1
}

# Ensure that Node.js 20 or newer is on PATH: the system's, otherwise pip's.
need_node() {
    PATH="$PATH:$PWD/.venv/bin"
    has_node && return 0
    PATH="$PWD/.venv/bin:$PATH"
    has_node && return 0
    say "Node.js 20 or newer was not found: installing it into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore -r requirements-node.txt ||
        fail "cannot install Node.js: see pip's message above, or install Node.js 20 or newer manually."
    hash -r # otherwise the shell keeps using the node it has cached
    has_node || fail "Node.js from .venv does not run on this system: install Node.js 20 or newer manually."
}

# npm_install STAMP FLAG...: install node_modules from the lock file.
npm_install() {
    npm_stamp=node_modules/$1
    shift
    is_fresh "$npm_stamp" package-lock.json && return 0
    need_node
    say "installing the front-end libraries"
    npm ci --no-audit --no-fund --loglevel=error "$@" ||
        fail "cannot install the front-end libraries: see npm's message above."
    mark_fresh "$npm_stamp" package-lock.json
}

prepare_site() {
    .venv/bin/python manage.py set_up || exit 1
    .venv/bin/python -m recognition prepare || exit 1
}
