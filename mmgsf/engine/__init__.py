"""Runner, checks, checkpoints and optimiser set-up for MMEngine."""

from .data_time import DataTimeHook
from .exact import ExactEpochBasedTrainLoop, InEpochCheckpointHook
from .optim import TSNPolicyConstructor
from .preflight import PreflightError, check_config
from .runner import GSFRunner

__all__ = [
    'DataTimeHook',
    'ExactEpochBasedTrainLoop',
    'GSFRunner',
    'InEpochCheckpointHook',
    'PreflightError',
    'TSNPolicyConstructor',
    'check_config',
]
