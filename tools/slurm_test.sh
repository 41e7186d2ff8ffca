#!/usr/bin/env bash
# Tests on a SLURM cluster:
#   [GPUS=8] [GPUS_PER_NODE=8] [CPUS_PER_TASK=5] [SRUN_ARGS=...] \
#       tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [arguments of test.py]
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/slurm.sh" test.py "$@"
