#!/usr/bin/env bash
# Trains on a SLURM cluster:
#   [GPUS=8] [GPUS_PER_NODE=8] [CPUS_PER_TASK=5] [SRUN_ARGS=...] \
#       tools/slurm_train.sh PARTITION JOB_NAME CONFIG [arguments of train.py]
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/slurm.sh" train.py "$@"
