"""Runner, checks, checkpoints and optimiser set-up for MMEngine."""

from .data_time import DataTimeHook
from .optim import TSNPolicyConstructor
from .preflight import PreflightError, check_config
from .runner import GSFRunner

__all__ = ['DataTimeHook', 'GSFRunner', 'PreflightError', 'TSNPolicyConstructor', 'check_config']
