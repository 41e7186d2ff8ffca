#!/usr/bin/env bash
# Runs the tests that need timm, torchvision or MMPretrain, in an environment with a newer torch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
environment=.venv/second
stamp=$environment/installed-$(cksum <requirements/second.txt | cut -d' ' -f1)
if [[ ! -f $stamp ]]; then
    python -m venv "$environment"
    echo "installing into $environment (once, a few minutes)"
    "$environment/bin/pip" install --quiet -r requirements/second.txt
    touch "$stamp"
fi
PYTHONPATH=$PWD "$environment/bin/python" -m pytest tests/second_env tests/layers
