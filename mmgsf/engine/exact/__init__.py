"""Training that resumes bit by bit as it would have gone on.

Samples follow from (seed, epoch, index) and iterations from (seed, rank, iteration), so nothing
depends on the history of a process; checkpoints hold the place in the epoch and what each rank has
of its own. GSFRunner puts it all in the place of MMEngine's loop over epochs.
"""

from .in_epoch import InEpochCheckpointHook
from .loop import ExactEpochBasedTrainLoop
from .resume import ExactResume

__all__ = ['ExactEpochBasedTrainLoop', 'ExactResume', 'InEpochCheckpointHook']
