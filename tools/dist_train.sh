#!/usr/bin/env bash
# Trains with one process a GPU, or with processes on the CPU where there is no GPU.
#   tools/dist_train.sh CONFIG PROCESSES [arguments of train.py]
# NNODES, NODE_RANK, MASTER_ADDR and PORT are as in MMAction2; without PORT a free one is taken.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" train.py 1 "$@"
