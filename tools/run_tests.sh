#!/usr/bin/env bash
# Installs the test extra into .venv/ and runs the tests, two files at a time.
#   tools/run_tests.sh [--all] [arguments of pytest]
# --all also runs the slow tests, those in a browser among them (it installs Debian's Chromium), and what
# needs another environment: networks of timm, torchvision and MMPretrain. Both end with the list of the
# programs that are too long for any of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/environment.sh
all=
which=()
if [[ ${1:-} == --all ]]; then
    all=yes
    which=(-m 'slow or not slow')
    shift
fi
make_environment test
[[ -z $all ]] || tools/install_browser.sh

# The tests' tensors are small: threads that wait for each other cost more than they give.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
ruff check .
ruff format --check .
python -m pytest -n 2 --dist loadfile "${which[@]}" "$@"
[[ -z $all ]] || tools/run_second_environment.sh
cat tests/programs.txt
