"""Measures the results of a published file that are asked for."""

from pathlib import Path
from typing import Any

from torch import nn

from mmgsf.apis.configs import config_names

from .entry import list_data, list_protocol, result_of
from .measuring import Measured, measure_on_list, measure_rendered
from .request import Request
from .training import Training

# Of the clips that CameraMotion's models are judged on in memory.
JUDGED = {
    'photograph': "CameraMotion(seed=1, num_val={clips}, setting='photograph')",
    'footage': "CameraMotion(seed=1, num_val={clips}, setting='footage')",
}
GLIDING = 'GlidingWindows(seed=0, clips_per_video={clips}, videos={videos})'


def measure_results(
    request: Request, training: Training, model: nn.Module, weights: Path
) -> tuple[list[dict], dict[str, Any]]:
    """Results of a published file for the index, and what CameraMotion's judges counted beside.

    Args:
        request: which tests are asked for.
        training: that the file comes from.
        model: with the weights of the file.
        weights: the file.

    Raises:
        FileNotFoundError: the data of the test is not there.
        ValueError: what a result needs is not known, or the model is no one of CameraMotion.
    """
    results, accuracy = [], {}
    if request.tests:
        if request.dataset is None:
            raise ValueError('no data set is named that the results are of; give it by --dataset')
        data = list_data(training.config)
        measured = measure_on_list(training.config, weights, request.protocol)
        config = f'{"configs/" * (training.name in config_names())}{training.name}.py'
        option = f' --protocol {request.protocol}' if request.protocol else ''
        results.append(
            result_of(
                measured,
                training,
                dataset=request.dataset,
                data=data,
                protocol=list_protocol(training.config, request.protocol),
                commands=request.commands,
                test=f'python tools/test.py {config} CHECKPOINT{option}',
                licence=request.licence,
            )
        )
    for title, rendered in _rendered(request):
        measured = measure_rendered(model, rendered, request.videos)
        accuracy[title] = measured.details
        results.append(_judged(request, training, title, rendered, measured))
    if request.judged_clips and request.videos:
        from mmgsf.evaluation.judge_footage import judge_unmoved

        accuracy['unmoved'] = judge_unmoved(model, request.videos)
    return results, accuracy


def _rendered(request: Request) -> list[tuple[str, str]]:
    """What a model of CameraMotion's classes is judged on: titles and clips."""
    if not request.judged_clips:
        return []
    found = [(title, form.format(clips=request.judged_clips)) for title, form in JUDGED.items()]
    if request.videos:
        clips, videos = request.clips_per_video, len(request.videos)
        found.append(('gliding windows', GLIDING.format(clips=clips, videos=videos)))
    return found


def _judged(
    request: Request, training: Training, title: str, rendered: str, measured: Measured
) -> dict:
    videos = ' --videos VIDEOS' if title == 'gliding windows' else ''
    return result_of(
        measured,
        training,
        dataset=f'CameraMotion ({title})',
        data={'Rendered': rendered},
        protocol=list_protocol(training.config, None),
        commands=request.commands,
        test=f'python tools/verify_zoo.py {training.name}{videos}',
        licence=request.licence,
    )
