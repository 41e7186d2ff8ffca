"""EPIC-Kitchens-100's segments as MMAction2's transforms take them: clips, or frames of folders."""

import os.path as osp
from collections.abc import Callable

from mmaction.datasets.base import BaseActionDataset
from mmaction.registry import DATASETS

from .tables import Row, read_csv

LABELS = ('verb_class', 'noun_class')
COLUMNS = ('narration_id', 'participant_id', 'path', 'start_frame', 'num_frames', *LABELS)
UNLABELLED = -1


@DATASETS.register_module()
class EpicKitchens100(BaseActionDataset):
    """Segments with a verb and a noun, from a tab-separated list with a header.

    The columns are narration_id, participant_id, path, start_frame, num_frames, verb_class and
    noun_class. A clip, a video of its own, has start_frame 0; a segment of a frame folder has the
    number of its first frame, from 1. The labels of the test split are empty.

    Samples hold `label` [verb, noun] (-1 where there is none), `narration_id` and `participant_id`;
    clips `filename`, frame folders `frame_dir`, `total_frames`, `offset` and `filename_tmpl`.
    PackActionInputs takes the two ids by its `meta_keys`.

    Args:
        ann_file: the list.
        pipeline: transforms; for clips with a video decoder, for folders with RawFrameDecode.
        data_prefix: folder that `path` is relative to, `dict(video=...)` for clips or
            `dict(img=...)` for frame folders.
        filename_tmpl: name of a frame, given its number.
        test_mode: a list without labels is refused unless this is set.
        **kwargs: as for MMAction2's datasets. Labels beyond `verb_classes` and `noun_classes` of
            `metainfo` are refused.

    Raises:
        ValueError: `data_prefix` names no or both kinds, or a row is wrong; with file and line.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: list[dict | Callable],
        data_prefix: dict,
        filename_tmpl: str = 'frame_{:010}.jpg',
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        if len(data_prefix) != 1 or not {'video', 'img'} & set(data_prefix):
            raise ValueError(
                f'data_prefix={dict(data_prefix)}: give dict(video=FOLDER) for clips or '
                'dict(img=FOLDER) for frame folders'
            )
        self.kind = next(iter(data_prefix))
        self.filename_tmpl = filename_tmpl
        super().__init__(
            ann_file,
            pipeline=pipeline,
            data_prefix=data_prefix,
            test_mode=test_mode,
            # Frames of a video count from 0, those of a folder from 1.
            start_index=int(self.kind == 'img'),
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Samples in the order of the list."""
        places: dict[str, str] = {}
        samples = []
        metainfo = self.metainfo
        limits = {column: len(metainfo.get(f'{column}es', ())) for column in LABELS}
        for row in read_csv(self.ann_file, COLUMNS, delimiter='\t'):
            name = row['narration_id']
            if name in places:
                raise row.error(
                    f'narration_id {name!r} stands at {places[name]} already; prepare the list anew'
                )
            places[name] = row.where
            samples.append(
                {
                    'narration_id': name,
                    'participant_id': row['participant_id'],
                    'label': self._label(row, limits),
                    **self._place(row),
                }
            )
        if not samples:
            raise ValueError(f'{self.ann_file} has no rows; prepare the list anew')
        return samples

    def _label(self, row: Row, limits: dict[str, int]) -> list[int]:
        if self.test_mode and not any(row[column] for column in LABELS):
            return [UNLABELLED, UNLABELLED]
        label = [row.number(column) for column in LABELS]
        for column, number in zip(LABELS, label, strict=True):
            if 0 < limits[column] <= number:
                raise row.error(
                    f'{column} {number} is outside 0..{limits[column] - 1}; use the list that '
                    'belongs to these classes'
                )
        return label

    def _place(self, row: Row) -> dict:
        """Where the frames of a segment are, in the words of MMAction2's decoders."""
        start, frames = row.number('start_frame'), row.number('num_frames')
        if frames < 1:
            raise row.error('the segment has no frames; leave it out')
        if (start > 0) != (self.kind == 'img'):
            other = 'img' if start else 'video'
            raise row.error(
                f'start_frame {start} belongs to a {"frame folder" if start else "clip"}; give '
                f'data_prefix=dict({other}=FOLDER) and a pipeline that reads those'
            )
        path = osp.join(self.data_prefix[self.kind], row['path'])
        if self.kind == 'video':
            return {'filename': path}
        return {
            'frame_dir': path,
            'total_frames': frames,
            'offset': start - self.start_index,
            'filename_tmpl': self.filename_tmpl,
        }
