"""Models, registered in MMAction2's MODELS."""

from .heads import GSFHead
from .recognizer_gsf import RecognizerGSF
from .resnet_gsf import ResNetGSF
from .resnet_width import ResNetTSMWidth
from .verb_noun_head import VerbNounHead

__all__ = ['GSFHead', 'RecognizerGSF', 'ResNetGSF', 'ResNetTSMWidth', 'VerbNounHead']
