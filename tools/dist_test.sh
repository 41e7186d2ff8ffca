#!/usr/bin/env bash
# Tests with one process a GPU, or with processes on the CPU where there is no GPU.
#   tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [arguments of test.py]
# NNODES, NODE_RANK, MASTER_ADDR and PORT are as in MMAction2; without PORT a free one is taken.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" test.py 2 "$@"
