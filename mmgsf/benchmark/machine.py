"""The machine and the software that a measurement was made on."""

import datetime
import os
import platform
from pathlib import Path

import torch

CPU_INFO = Path('/proc/cpuinfo')
# x86-64, and Arm's.
NATIVE_BFLOAT16 = ('avx512_bf16', 'amx_bf16', 'bf16')


def describe_machine() -> dict[str, str | int | list[str]]:
    """What a reader needs to judge figures, as JSON takes it."""
    return {
        'processor': processor(),
        'architecture': platform.machine(),
        'cores': len(os.sched_getaffinity(0))
        if hasattr(os, 'sched_getaffinity')
        else os.cpu_count(),
        'threads': torch.get_num_threads(),
        'bfloat16': native_bfloat16(),
        'system': platform.system(),
        'python': platform.python_version(),
        'torch': torch.__version__,
        'date': datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }


def processor() -> str:
    """The CPU's own name where the system tells it."""
    return _cpu_info('model name') or platform.processor() or platform.machine()


def native_bfloat16() -> list[str]:
    """The CPU's instructions for bfloat16; none where the system does not tell, as outside Linux."""
    flags = f'{_cpu_info("flags")} {_cpu_info("Features")}'.split()
    return [name for name in NATIVE_BFLOAT16 if name in flags]


def _cpu_info(field: str) -> str:
    if not CPU_INFO.is_file():
        return ''
    for line in CPU_INFO.read_text(encoding='utf-8', errors='replace').splitlines():
        name, _, value = line.partition(':')
        if name.strip() == field:
            return value.strip()
    return ''
