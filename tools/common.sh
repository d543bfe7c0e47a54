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

# timed TEXT COMMAND...: run the command, and print the text with the seconds that it took.
timed() {
    text=$1
    shift
    start=$(date +%s)
    printf 'emoweb: %s ... ' "$text"
    "$@" || {
        code=$?
        echo "failed"
        return "$code"
    }
    echo "$(($(date +%s) - start)) s"
}

# need_space MEGABYTES: fail if fewer are free here.
need_space() {
    free=$(df -Pm . 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-$1}" -ge "$1" ] ||
        fail "only $free MB are free in $PWD, and $1 MB are needed: free some space and start again."
}

make_venv() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return 0
    fi
    python=$(find_python) || exit 1
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python's venv module is missing: install it (Debian: apt-get install $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'))."
    need_space 100
    rm -rf .venv
    timed "creating .venv with $("$python" --version)" "$python" -m venv .venv ||
        fail "cannot create .venv: see Python's message above."
}

# Succeed if this machine is to serve on an NVIDIA GPU, which needs torch.
wants_gpu() {
    case ${DEVICE:-auto} in
    auto) nvidia-smi -L >/dev/null 2>&1 ;;
    cuda*) true ;;
    *) false ;;
    esac
}

# Install what serving on this machine needs; `make test` installs everything.
install_for_serving() {
    if wants_gpu; then
        pip_install .requirements requirements.txt
    else
        pip_install .requirements-site requirements/site.txt requirements/video.txt
    fi
}

# pip_install STAMP FILE...: install the packages of the files unless nothing has changed since the last time.
pip_install() {
    pip_stamp=.venv/$1
    shift
    is_fresh "$pip_stamp" requirements*.txt requirements/*.txt && return 0
    case $1 in
    requirements/site.txt) size="0.8 GB" megabytes=1500 ;;
    requirements/node.txt) size="0.2 GB" megabytes=600 ;;
    *) size="6 GB, mostly PyTorch for CUDA" megabytes=9000 ;;
    esac
    grep -qs torch .venv/lib/python*/site-packages/torch/version.py || need_space "$megabytes"
    timed "installing $* ($size)" run_installer "$@" || explain_installer
    mark_fresh "$pip_stamp" requirements*.txt requirements/*.txt
}

INSTALLER_LOG=.venv/installer.log

# The locked files list every dependency, so that nothing is left to resolve. The modules are compiled here: where
# PYTHONDONTWRITEBYTECODE is set, each start would compile them again. INSTALLER=uv is several times faster than pip.
run_installer() {
    case "$(uname -sm)" in
    "Linux x86_64") how="--no-deps --require-hashes" && options=$(printf -- '-r %s ' "$@") ;;
    *) how="" && options="-r .venv/ranges.txt" && .venv/bin/python tools/lock.py --ranges "$@" >.venv/ranges.txt ;;
    esac
    # shellcheck disable=SC2086
    case ${INSTALLER:-pip} in
    uv) uv pip install --quiet --compile-bytecode --python .venv/bin/python $how $options ;;
    *) .venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore $how $options ;;
    esac >"$INSTALLER_LOG" 2>&1
}

# Say in one sentence why the installer failed.
explain_installer() {
    if grep -qi 'no space left' "$INSTALLER_LOG"; then
        fail "the disk is full: free some space and start again."
    elif grep -qiE 'name resolution|newconnectionerror|timed out|unreachable|connection refused|dns error|tcp connect' "$INSTALLER_LOG"; then
        fail "no package index can be reached: connect this machine to the Internet, or set PIP_INDEX_URL (with INSTALLER=uv, UV_INDEX_URL) to an index that it reaches."
    elif grep -qiE 'do not match the hashes|hash mismatch' "$INSTALLER_LOG"; then
        fail "a downloaded package is not the one that was locked: start again; if that does not help, see $INSTALLER_LOG."
    elif [ "${INSTALLER:-pip}" = uv ] && ! command -v uv >/dev/null; then
        fail "INSTALLER=uv needs uv: install it, or leave INSTALLER unset to use pip."
    fi
    fail "the packages could not be installed: $(tail -n 1 "$INSTALLER_LOG") (all of the installer's output: $INSTALLER_LOG)"
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
    pip_install .requirements-node requirements/node.txt
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

run_npm() {
    npm ci --omit=dev --no-audit --no-fund --loglevel=error >.venv/npm.log 2>&1
}

# Install the libraries whose files the site serves: by npm, without Node.js by Python.
install_front_end() {
    [ -f node_modules/.all ] && return 0
    is_fresh node_modules/.production package-lock.json pyproject.toml && return 0
    if has_node; then
        timed "installing the front-end libraries" run_npm ||
            fail "the front-end libraries could not be installed: connect this machine to the Internet, or set npm_config_registry to a registry that it reaches (npm's output: .venv/npm.log)."
    else
        timed "installing the front-end libraries" .venv/bin/python tools/front_end.py || exit 1 # which has printed why
    fi
    mark_fresh node_modules/.production package-lock.json pyproject.toml
}

prepare_site() {
    .venv/bin/python manage.py set_up || exit 1
    .venv/bin/python -m recognition prepare || exit 1
}
