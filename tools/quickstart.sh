#!/usr/bin/env bash
# From nothing to a trained, tested video network: installs into .venv/, makes CameraMotion, trains
# GSF and TSN on it, tests both and recognises a clip.
#   tools/quickstart.sh [--clip VIDEO]
set -euo pipefail
clip=()
if [[ ${1:-} == --clip && -n ${2:-} ]]; then
    clip=(--clip "$(realpath "$2")")
    shift 2
fi
if (($#)); then
    echo "error: usage: tools/quickstart.sh [--clip VIDEO]" >&2
    exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/environment.sh
make_environment mmcv-lite,camera-motion
exec python -W ignore tools/quickstart.py "${clip[@]}"
