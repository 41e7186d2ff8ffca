"""The process that decodes: `python -m mmgsf.datasets.decoding.server CONNECTION MEMORY LIMIT`.

It imports decord and OpenCV and no framework, so that it starts in a fraction of a second and needs
few megabytes. Requests come over the connection, frames go back through the shared memory.
"""

import errno
import io
import mmap
import os
import select
import stat
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# Before decord, whose zlib would break OpenCV's PNG.
import cv2
import numpy as np

from mmgsf.datasets.decoding.codec_log import CodecLog, plain_message
from mmgsf.datasets.decoding.containers import container_damage

READY, OK, DAMAGED, FAULT = 'ready', 'ok', 'damaged', 'fault'
# Of decord's reader: a share of recovered frames above it is an error, so a single one is.
FAULT_TOLERANCE = 0.0001
WHOLE_CHECK_FRAMES = 3000
NO_MEMORY = 'its frames take more memory than the decoding process may have'
CHUNK_BYTES = 64 << 20
KEPT_BYTES = 64 << 20


class Damaged(Exception):
    """A clip cannot be decoded; the text says why."""


class Server:
    """Opens one video at a time and decodes frames of it, or images.

    Args:
        memory: descriptor of the shared memory, which is made as large as the frames need.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.log = CodecLog()
        self.reader = None
        self.shared: mmap.mmap | None = None

    def open(
        self, source: str | bytes, threads: int, known: int | None, ignore: tuple[str, ...]
    ) -> tuple[int, float, int]:
        """Opens a video.

        Args:
            source: path, or the file's content.
            threads: of the decoder.
            known: the mark of the file that was decoded whole before; another one, 0 too, has it
                decoded from end to end; None leaves that out.
            ignore: parts of the codec's messages that are no damage.

        Returns:
            Number of frames, frames a second, mark of the file.
        """
        import decord

        decord.logging.set_level(decord.logging.ERROR)
        # Its thread may still be decoding ahead, and printing.
        self.reader = None
        self.log.ignore = ignore
        self.log.clear()
        data, mark = _content(source)
        reason = container_damage(data)
        if reason:
            raise Damaged(reason)

        def reader() -> decord.VideoReader:
            return decord.VideoReader(
                io.BytesIO(data), num_threads=threads, fault_tol=FAULT_TOLERANCE
            )

        self.reader = self._guarded(reader)
        count, rate = len(self.reader), self.reader.get_avg_fps()
        if known is not None and known != mark and count <= WHOLE_CHECK_FRAMES:
            self._guarded(self._decode_all)
            self.reader = self._guarded(reader)
        return count, rate, mark

    def picture_size(self, path: str) -> tuple[int, int]:
        """Width and height of a video's frames, of its header and codec; no frame is decoded."""
        self.log.ignore = ()
        self.log.clear()
        # By default it takes a thread, and memory, for each core.
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        try:
            if not capture.isOpened():
                raise Damaged(self.log.complaint() or 'no video can be opened in it')
            sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
            width, height = (int(capture.get(side)) for side in sides)
        finally:
            capture.release()
        return width, height

    def frames(self, indices: list[int], mode: str) -> list[tuple[int, ...]]:
        """Decodes frames of the open video into the shared memory; their shapes (H, W, C)."""
        if mode == 'accurate':
            images = self._guarded(lambda: self.reader.get_batch(indices).asnumpy())
        else:
            images = self._guarded(lambda: [self._key_frame(index) for index in indices])
        return self._share(images)

    def images(self, paths: list[str], ignore: tuple[str, ...]) -> list[tuple[int, ...]]:
        """Decodes images as RGB into the shared memory; their shapes (H, W, C)."""
        self.log.ignore = ignore
        images = []
        for path in paths:
            self.log.clear()
            name = Path(path).name
            try:
                data = _content(path)[0]
            except Damaged as error:
                raise Damaged(f'{name}: {error}') from error
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            reason = self.log.complaint() or ('' if image is not None else 'no image')
            if reason:
                raise Damaged(f'{name}: {reason}')
            if images and image.shape != images[0].shape:
                height, width = image.shape[:2]
                raise Damaged(f'{name}: {width}x{height}, unlike the other frames')
            images.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        return self._share(images)

    def _decode_all(self) -> None:
        count, start = len(self.reader), 0
        while start < count:
            first = self.reader.get_batch([start])
            chunk = max(1, CHUNK_BYTES // max(1, first.asnumpy().nbytes))
            end = min(count, start + chunk)
            if end > start + 1:
                self.reader.get_batch(range(start + 1, end))
            start = end

    def _key_frame(self, index: int) -> np.ndarray:
        self.reader.seek(index)
        return self.reader.next().asnumpy()

    def _guarded(self, decode: Callable[[], Any]) -> Any:
        """The result, if neither an exception nor the codec's log speaks of damage."""
        try:
            result = decode()
        except MemoryError:
            raise
        # decord raises many kinds, assertions among them; all mean that the file is unreadable.
        except Exception as error:
            raise Damaged(self.log.complaint() or plain_message(error)) from error
        complaint = self.log.complaint()
        if complaint:
            raise Damaged(complaint)
        return result

    def _share(self, images: Sequence[np.ndarray]) -> list[tuple[int, ...]]:
        total = sum(image.nbytes for image in images)
        if self.shared is None or len(self.shared) < total or len(self.shared) > KEPT_BYTES:
            self.shared = None
            os.ftruncate(self.memory, max(total, 1))
            self.shared = mmap.mmap(self.memory, max(total, 1))
        place = 0
        for image in images:
            target = np.frombuffer(self.shared, np.uint8, image.size, place)
            target.reshape(image.shape)[...] = image
            place += image.nbytes
        return [image.shape for image in images]


def _content(source: str | bytes) -> tuple[bytes, int]:
    """A file's bytes and a mark that changes when they do."""
    if isinstance(source, bytes):
        data, mark = source, zlib.crc32(source) << 31 | len(source)
    else:
        try:
            with open(source, 'rb') as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    raise Damaged('no file')
                data = file.read()
        except OSError as error:
            raise Damaged(_trouble(source, error)) from error
        mark = (found.st_mtime_ns << 20) ^ found.st_size
    if not data:
        raise Damaged('empty, 0 bytes')
    # Fits a signed number of 64 bits, and is not 0.
    return data, (mark & (1 << 62) - 1) | 1 << 62


def _trouble(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return 'there is no such file'
    if isinstance(error, IsADirectoryError) or Path(path).is_dir():
        return 'a folder, not a file'
    return error.strerror or type(error).__name__


def limit_memory(most: int) -> None:
    """A header of lies must not take the machine's memory: half of it is the most.

    Args:
        most: bytes of address space; 0 for no other limit than that.
    """
    import resource

    limit = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (min(limit, most or limit), hard))
    # No core file for each file that crashes a decoder.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def end_with(connection: int) -> None:
    """Ends this process when the other side is gone, even in the middle of a decoder's hang."""
    watch = select.poll()
    watch.register(connection, 0)
    watch.poll()
    os._exit(0)


def serve(connection: Connection, server: Server, calls: Iterable[str]) -> None:
    """Answers requests until the other side is gone."""
    connection.send(READY)
    while True:
        try:
            name, *arguments = connection.recv()
        except EOFError:
            return
        try:
            if name not in calls:
                raise ValueError(f'no call {name!r}')
            answer = (OK, getattr(server, name)(*arguments))
        except Damaged as error:
            answer = (DAMAGED, str(error))
        except Exception as error:
            if isinstance(error, MemoryError) or getattr(error, 'errno', None) == errno.ENOMEM:
                answer = (DAMAGED, NO_MEMORY)
            else:
                answer = (FAULT, f'{type(error).__name__}: {error}')
        connection.send(answer)


def main() -> None:
    descriptor, memory, limit = map(int, sys.argv[1:4])
    # What C libraries print must not go where the user reads.
    os.dup2(2, 1)
    limit_memory(limit)
    threading.Thread(target=end_with, args=(descriptor,), daemon=True).start()
    serve(Connection(descriptor), Server(memory), ('open', 'picture_size', 'frames', 'images'))


if __name__ == '__main__':
    main()
