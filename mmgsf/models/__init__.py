"""Models, registered in MMAction2's MODELS."""

from .any2d_gsf import Any2DGSF
from .bninception_gsf import BNInceptionGSF
from .folding import Folding, fold_batch_norm
from .heads import GSFHead
from .inceptionv3_gsf import InceptionV3GSF
from .recognizer_gsf import RecognizerGSF
from .resnet_gsf import ResNetGSF
from .resnet_width import ResNetTSMWidth
from .verb_noun_head import VerbNounHead

__all__ = [
    'Any2DGSF',
    'BNInceptionGSF',
    'Folding',
    'GSFHead',
    'InceptionV3GSF',
    'RecognizerGSF',
    'ResNetGSF',
    'ResNetTSMWidth',
    'VerbNounHead',
    'fold_batch_norm',
]
