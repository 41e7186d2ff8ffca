"""Runner, checks, checkpoints and optimiser set-up for MMEngine."""

from .optim import TSNPolicyConstructor
from .preflight import PreflightError, check_config
from .runner import GSFRunner

__all__ = ['GSFRunner', 'PreflightError', 'TSNPolicyConstructor', 'check_config']
