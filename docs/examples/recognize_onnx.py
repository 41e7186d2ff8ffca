"""Recognises a video with a file of `tools/export.py --to onnx`; needs no PyTorch and no mmgsf.

    pip install onnxruntime decord opencv-python numpy
    python recognize_onnx.py model.onnx video.mp4

All that it has to know of the model stands in the file's metadata. Where decord has no wheel, read the
frames with OpenCV: their values then differ by up to 3 of 255.
"""

import json
import sys

import cv2
import decord
import numpy as np
import onnxruntime


def main(model: str, video: str) -> None:
    session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
    metadata = session.get_modelmeta().custom_metadata_map
    about = {key: json.loads(value) for key, value in metadata.items()}
    if about['sampling'] != 'segment_centres':
        sys.exit(f'error: {model} takes frames of {about["sampling"]}, which is not done here')
    frames = read_frames(video, about['num_segments'])
    clip = np.stack([cropped(frame, about['short_side'], about['size']) for frame in frames])
    clips = clip[None]  # (1, T, H, W, 3), uint8 RGB
    if about['preprocessing'] == 'outside':
        clips = normalised(clips, about)
    outputs = session.run(None, {session.get_inputs()[0].name: clips})
    for classes, (probabilities,) in zip(about['classes'].values(), outputs, strict=True):
        for label in np.argsort(-probabilities)[:5]:
            print(f'{probabilities[label]:.6f} {classes[label]}')


def read_frames(video: str, num_segments: int) -> np.ndarray:
    """The frames at the centres of T equal parts of a video, RGB."""
    reader = decord.VideoReader(video, num_threads=1)
    places = (np.arange(num_segments) + 0.5) * len(reader) / num_segments
    return reader.get_batch(places.astype(int)).asnumpy()


def cropped(frame: np.ndarray, short_side: int, size: list[int]) -> np.ndarray:
    """Centre crop of (H, W) from the frame resized to that short side."""
    height, width = frame.shape[:2]
    scale = short_side / min(height, width)
    shape = (int(width * scale + 0.5), int(height * scale + 0.5))
    frame = cv2.resize(frame, shape, interpolation=cv2.INTER_LINEAR)
    top, left = (frame.shape[0] - size[0]) // 2, (frame.shape[1] - size[1]) // 2
    return frame[top : top + size[0], left : left + size[1]]


def normalised(clips: np.ndarray, about: dict) -> np.ndarray:
    """What a file with preprocessing outside takes: float32 (N, T, 3, H, W)."""
    if about['channel_order'] == 'BGR':
        clips = clips[..., ::-1]
    clips = (clips - np.float32(about['mean'])) / np.float32(about['std'])
    return np.ascontiguousarray(clips.transpose(0, 1, 4, 2, 3))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Exception as error:  # of ONNX Runtime and decord, which have their own kinds
        sys.exit(f'error: {" ".join(str(error).split())}')
