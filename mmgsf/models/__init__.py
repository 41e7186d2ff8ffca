"""Models, registered in MMAction2's MODELS."""

from .any2d_gsf import Any2DGSF
from .heads import GSFHead
from .recognizer_gsf import RecognizerGSF
from .resnet_gsf import ResNetGSF
from .resnet_width import ResNetTSMWidth

__all__ = ['Any2DGSF', 'GSFHead', 'RecognizerGSF', 'ResNetGSF', 'ResNetTSMWidth']
