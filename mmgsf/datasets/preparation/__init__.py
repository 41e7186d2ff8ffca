"""From a provider's or a user's own files to the annotation lists that the configs read.

One module reads each provider's files; what they share, from tables to the pool of workers, stands
beside them. MMAction2's paths, names and formats are used where it has the dataset.
"""

from .encoder import Encoding
from .finetune import Finetuning
from .prepare import PROVIDERS, Preparation, scan_dataset
from .report import Report

__all__ = ['Encoding', 'Finetuning', 'PROVIDERS', 'Preparation', 'Report', 'scan_dataset']
