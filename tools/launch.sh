#!/usr/bin/env bash
# What dist_train.sh and dist_test.sh share:
#   launch.sh PROGRAM COUNT ARGUMENT... PROCESSES [more arguments]
# COUNT arguments of the program stand before the number of processes.
set -euo pipefail
program=$1 count=$2
shift 2
if (($# < count + 1)) || ! [[ ${*:count+1:1} =~ ^[1-9][0-9]*$ ]]; then
    echo "error: usage: tools/dist_${program%.py}.sh CONFIG$([[ $count == 2 ]] && echo ' CHECKPOINT')" \
        'PROCESSES [options]; PROCESSES is a number from 1 up' >&2
    exit 2
fi
arguments=("${@:1:count}") processes=${*:count+1:1}
shift $((count + 1))

restarts=${MAX_RESTARTS:-0}
if ! [[ $restarts =~ ^[0-9]+$ ]]; then
    echo "error: MAX_RESTARTS=$restarts: take a number from 0 up" >&2
    exit 2
fi
nodes=${NNODES:-1} port=${PORT:-29500}
if ((restarts && nodes > 1)); then
    echo "error: MAX_RESTARTS=$restarts with NNODES=$nodes: processes are started again on one machine only;" \
        'on several, start the command again with --resume' >&2
    exit 2
fi
if ((nodes > 1)); then
    rendezvous=(--nnodes "$nodes" --node_rank "${NODE_RANK:-0}"
        --master_addr "${MASTER_ADDR:-127.0.0.1}" --master_port "$port")
elif [[ -n ${PORT:-} ]]; then
    # Not torchrun's static rendezvous: after a restart that keeps the addresses of dead ranks.
    rendezvous=(--rdzv_backend c10d --rdzv_endpoint "localhost:$port" --rdzv_id "mmgsf-$port")
else
    rendezvous=(--standalone)
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$tools/..${PYTHONPATH:+:$PYTHONPATH}"
exec python "$tools/torchrun.py" "${rendezvous[@]}" --nproc_per_node "$processes" \
    --max_restarts "$restarts" "$tools/$program" "${arguments[@]}" --launcher pytorch "$@"
