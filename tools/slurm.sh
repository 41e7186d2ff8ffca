#!/usr/bin/env bash
# What slurm_train.sh and slurm_test.sh share: slurm.sh PROGRAM PARTITION JOB_NAME ARGUMENT...
set -euo pipefail
program=$1
shift
if (($# < 3)); then
    echo "error: usage: tools/slurm_${program%.py}.sh PARTITION JOB_NAME CONFIG [options]" >&2
    exit 2
fi
partition=$1 job_name=$2
shift 2

gpus=${GPUS:-8}
gpus_per_node=${GPUS_PER_NODE:-8}
tasks_per_node=$((gpus < gpus_per_node ? gpus : gpus_per_node))
read -ra srun_args <<<"${SRUN_ARGS:-}"
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$tools/..${PYTHONPATH:+:$PYTHONPATH}"
# One port for all ranks; jobs that share a node rarely draw the same.
export MASTER_PORT=${PORT:-$((12000 + RANDOM % 20000))}
exec srun --partition="$partition" --job-name="$job_name" --gres="gpu:$tasks_per_node" \
    --ntasks="$gpus" --ntasks-per-node="$tasks_per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 "${srun_args[@]}" \
    python -u "$tools/$program" "$@" --launcher slurm
