"""MMAction2's decoders, their work done in a process of its own.

`compat.decode_apart` puts them in the place of MMAction2's, under the same names, so that every
config gets them. Frames are the same, bit by bit.
"""

import os.path as osp
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from mmaction.datasets.transforms import loading
from mmengine.fileio import FileClient

from ..decoding import VideoHandle, decoding_process
from ..decoding.process import TIMEOUT


class Marks(Protocol):
    """Which files were decoded whole before, by the sample's number."""

    def __getitem__(self, index: int) -> int: ...

    def __setitem__(self, index: int, mark: int) -> None: ...


@dataclass
class Decoding:
    """How strict a decoder is.

    Args:
        timeout: seconds for one clip's opening, and again for its frames.
        ignore: parts of messages of codecs that are no damage.
        marks: of files that were decoded from end to end; others are, before their first use.
            Without it only what a sample needs is decoded.
    """

    timeout: float = TIMEOUT
    ignore: tuple[str, ...] = ()
    marks: Marks | None = None


class DecordInit(loading.DecordInit):
    """MMAction2's DecordInit with the reader in a process of its own.

    `video_reader` is a `VideoHandle`. Raises DamagedClip.
    """

    decoding = Decoding()

    def transform(self, results: dict) -> dict:
        """Opens the video of `filename`; adds `video_reader`, `total_frames` and `avg_fps`."""
        path, index = results['filename'], results.get('sample_idx')
        if osp.splitext(path)[0] == path:
            path = f'{path}.mp4'
        content = None
        if self.io_backend != 'disk' or self.kwargs:
            if self.file_client is None:
                self.file_client = FileClient(self.io_backend, **self.kwargs)
            content = self.file_client.get(path)
        marks = self.decoding.marks if index is not None else None
        known = None if marks is None else marks[index]
        handle = decoding_process().open(
            path, content, self.num_threads, known, self.decoding.ignore, self.decoding.timeout
        )
        if marks is not None and handle.mark != known:
            marks[index] = handle.mark
        results['video_reader'] = handle
        results['total_frames'] = len(handle)
        results['avg_fps'] = handle.rate
        return results


class DecordDecode(loading.DecordDecode):
    """MMAction2's DecordDecode for the handle of `DecordInit`. Raises DamagedClip."""

    def _decord_load_frames(
        self, container: VideoHandle, frame_inds: np.ndarray
    ) -> list[np.ndarray]:
        return container.frames(frame_inds, self.mode)


class RawFrameDecode(loading.RawFrameDecode):
    """MMAction2's RawFrameDecode, which reads RGB frames in a process of its own.

    Flow, other storage than the disk and other decoders than OpenCV stay with MMAction2's. Raises
    DamagedClip.
    """

    decoding = Decoding()

    def transform(self, results: dict) -> dict:
        """Reads the frames `frame_inds` of `frame_dir`; adds `imgs` and their shapes."""
        apart = (results['modality'], self.io_backend, self.decoding_backend)
        if apart != ('RGB', 'disk', 'cv2') or self.kwargs or 'gt_bboxes' in results:
            return super().transform(results)
        numbers = np.reshape(results['frame_inds'], -1) + results.get('offset', 0)
        unique, places = np.unique(numbers, return_inverse=True)
        folder, template = results['frame_dir'], results['filename_tmpl']
        paths = [osp.join(folder, template.format(number)) for number in unique]
        images = decoding_process().images(
            folder, paths, self.decoding.ignore, self.decoding.timeout
        )
        # Transforms may change a frame in place, so a repeated one is a copy.
        seen = set()
        frames = []
        for place in places.tolist():
            frames.append(images[place].copy() if place in seen else images[place])
            seen.add(place)
        results['frame_inds'] = np.reshape(results['frame_inds'], -1)
        results['imgs'] = frames
        results['original_shape'] = results['img_shape'] = frames[0].shape[:2]
        return results
