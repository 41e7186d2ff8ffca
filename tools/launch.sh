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
nodes=${NNODES:-1}
address=${MASTER_ADDR:-127.0.0.1} port=${PORT:-29500}
if [[ -z ${PORT:-} && $nodes == 1 ]]; then
    rendezvous=(--standalone)
elif ((restarts)); then
    # torchrun's static rendezvous keeps the addresses of ranks that died; this one asks anew.
    rendezvous=(--nnodes "$nodes" --rdzv_backend c10d --rdzv_endpoint "$address:$port"
        --rdzv_id "mmgsf-$port" --rdzv_conf "is_host=$((${NODE_RANK:-0} == 0))")
else
    rendezvous=(--nnodes "$nodes" --node_rank "${NODE_RANK:-0}"
        --master_addr "$address" --master_port "$port")
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$tools/..${PYTHONPATH:+:$PYTHONPATH}"
exec python "$tools/torchrun.py" "${rendezvous[@]}" --nproc_per_node "$processes" \
    --max_restarts "$restarts" "$tools/$program" "${arguments[@]}" --launcher pytorch "$@"
