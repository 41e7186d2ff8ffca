"""Recognizer for clips of T frames: MMAction2's Recognizer2D with one value of T and no mixing."""

import inspect
import warnings

import torch
from mmaction.models.recognizers.recognizer2d import Recognizer2D
from mmaction.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class RecognizerGSF(Recognizer2D):
    """Feeds a video's views to the network as clips of `num_segments` frames each.

    A view is one clip under one crop. Views never share a clip, so what is in one cannot reach
    another's score.

    Args:
        num_segments: T. Backbone and head get it where they state none.
        backbone: config of a backbone that maps (N*T, C, H, W) frame by frame and takes
            `num_segments`; a plain 2D network may do without.
        cls_head: config of the head.
        test_cfg: as in MMAction2; `max_testing_views` bounds the frames that go through the
            backbone at once, a multiple of T.
        channels_last: store feature maps with the channels innermost; the results stay the same.
        **kwargs: as for MMAction2's Recognizer2D.

    Raises:
        ValueError: backbone or head state another `num_segments`, or `max_testing_views` is no
            multiple of T.
    """

    def __init__(
        self,
        num_segments: int,
        backbone: dict,
        cls_head: dict | None = None,
        test_cfg: dict | None = None,
        channels_last: bool = False,
        **kwargs,
    ) -> None:
        if num_segments < 1:
            raise ValueError(f'num_segments={num_segments}: a clip has at least 1 frame; give >= 1')
        backbone = _with_num_segments('backbone', backbone, num_segments)
        if cls_head is not None:
            cls_head = _with_num_segments('cls_head', cls_head, num_segments)
        super().__init__(backbone=backbone, cls_head=cls_head, test_cfg=test_cfg, **kwargs)
        self.num_segments = num_segments
        _compare_preprocessing(self.backbone, self.data_preprocessor)
        if self.max_testing_views % num_segments:
            raise ValueError(
                f'max_testing_views={self.max_testing_views} is no multiple of num_segments='
                f'{num_segments}; a clip would be cut. The nearest that works is '
                f'{max(1, round(self.max_testing_views / num_segments)) * num_segments}'
            )

        self.channels_last = channels_last
        if channels_last:
            _weights_channels_last(self.backbone)

    @property
    def max_testing_views(self) -> int:
        """Frames that go through the backbone at once in test; 0 for all."""
        return (self.test_cfg or {}).get('max_testing_views') or 0

    def extract_feat(
        self,
        inputs: Tensor,
        stage: str = 'neck',
        data_samples: list | None = None,
        test_mode: bool = False,
    ) -> tuple:
        """Features of a batch of videos (N, views*T, C, H, W), as in MMAction2.

        Upstream's way through `max_testing_views` asks the backbone for a `get` that no module has,
        so this one is its own.

        Raises:
            ValueError: the frames of a video are no whole number of clips.
        """
        frames = inputs.shape[1]
        if frames % self.num_segments:
            raise ValueError(
                f'the pipeline gives {frames} frames a video, no whole number of clips of '
                f"num_segments={self.num_segments}; set the sampler's num_clips to "
                f'{self.num_segments}'
            )
        if self.channels_last:
            flat = inputs.flatten(0, 1).contiguous(memory_format=torch.channels_last)
            inputs = flat.unflatten(0, inputs.shape[:2])
        if not (test_mode and self.max_testing_views) or self.with_neck:
            return super().extract_feat(inputs, stage, data_samples, test_mode)
        flat = inputs.flatten(0, 1)  # (N*views*T, C, H, W)
        chunks = flat.split(self.max_testing_views)
        features = torch.cat([self.backbone(chunk) for chunk in chunks])
        kwargs = {'num_segs': frames, 'fcn_test': False, 'loss_aux': {}}
        if stage == 'head':
            return self.cls_head(features, **kwargs), kwargs
        return features, kwargs

    def predict(self, inputs: Tensor, data_samples: list, **kwargs) -> list:
        """Puts scores and labels into the samples, as in MMAction2.

        The head stays out of autocast: it costs next to nothing, and metrics and dumps of scores do
        not take bf16.
        """
        features, options = self.extract_feat(inputs, test_mode=True)
        with torch.autocast(inputs.device.type, enabled=False):
            if isinstance(features, Tensor):
                features = features.to(next(self.cls_head.parameters()).dtype)
            return self.cls_head.predict(features, data_samples, **options)


def _weights_channels_last(module: nn.Module) -> None:
    # Module.to(memory_format=...) raises where a Conv3d is, as in the temporal layers.
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def _with_num_segments(part: str, config: dict, num_segments: int) -> dict:
    stated = config.get('num_segments', num_segments)
    if stated != num_segments:
        raise ValueError(
            f'model.{part}.num_segments={stated} differs from model.num_segments={num_segments}; '
            f'leave it out of {part}, which then takes the value of the model'
        )
    accepted = MODELS.get(config['type']) if isinstance(config['type'], str) else config['type']
    if 'num_segments' not in _arguments(accepted):
        return config
    return {**config, 'num_segments': num_segments}


def _compare_preprocessing(backbone: nn.Module, preprocessor: nn.Module) -> None:
    """Warns where a backbone's ImageNet weights take frames in another form than the model's."""
    for name, wanted in getattr(backbone, 'preprocessing', {}).items():
        given = getattr(preprocessor, name, None)
        given = given.flatten().tolist() if isinstance(given, Tensor) else given
        if given != wanted:
            warnings.warn(
                f'model.data_preprocessor.{name}={given}: the ImageNet weights of '
                f'{type(backbone).__name__} take {name}={wanted}',
                stacklevel=3,
            )


def _arguments(cls: type) -> set[str]:
    """Names of the arguments that a class takes, its bases' included."""
    names: set[str] = set()
    for base in cls.__mro__:
        if '__init__' in vars(base):
            parameters = inspect.signature(base.__init__).parameters.values()
            names.update(parameter.name for parameter in parameters)
            if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
                break
    return names
