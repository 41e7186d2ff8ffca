# Sourced by quickstart.sh and run_tests.sh: makes .venv/ with the tested set and enters it.
#   make_environment EXTRAS

make_environment() {
    local extras=$1 python=${PYTHON:-python3} stamp
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        echo "error: $python is older than Python 3.10; set PYTHON to a newer one" >&2
        exit 1
    fi
    # Pip is asked only when what it would read has changed.
    stamp=.venv/installed-$(cat setup.cfg requirements/*.txt | cksum | cut -d' ' -f1)-$extras
    if [[ ! -f $stamp ]]; then
        [[ -x .venv/bin/python ]] || "$python" -m venv .venv
        echo "installing into .venv (once, about a minute)"
        # Torch first and by version, so that nothing else chooses another one.
        .venv/bin/pip install --quiet -c requirements/tested.txt torch
        .venv/bin/pip install --quiet -c requirements/tested.txt -e ".[$extras]"
        touch "$stamp"
    fi
    export PATH="$PWD/.venv/bin:$PATH"
}
