#!/usr/bin/env bash
# Trains with one process a GPU, or with processes on the CPU where there is no GPU.
#   tools/dist_train.sh CONFIG PROCESSES [arguments of train.py]
# NNODES, NODE_RANK, MASTER_ADDR and PORT are as in MMAction2; without PORT a free one is taken.
# MAX_RESTARTS=3, on one machine, starts all processes again when one dies, up to three times; they go on
# from the last checkpoint of this run, and the result is the same. SIGTERM saves and ends it with code
# 75; the same command with --resume goes on inside the epoch.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" train.py 1 "$@"
