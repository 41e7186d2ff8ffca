"""What the page takes from a browser, and what it refuses in one sentence."""

from dataclasses import dataclass, fields


class Refused(ValueError):
    """What was sent is not taken; the message is for the one who sent it.

    Args:
        message: one sentence without its subject, which is the file's name.
        status: HTTP status code.
    """

    def __init__(self, message: str, status: int = 415) -> None:
        super().__init__(message)
        self.status = status


def not_a_video(reason: str) -> Refused:
    """The one error of all that is no video, or that no decoder can read."""
    return Refused(f'is not a video that can be read: {reason}')


@dataclass(frozen=True)
class Limits:
    """Bounds of one upload and of what waits; all are above 0.

    Attributes:
        megabytes: size of the file, in 10^6 bytes.
        seconds: length of the video.
        frames: of the video.
        pixels: width times height of a frame.
        decode_seconds: for each step of reading: its header, its index, its frames.
        decode_megabytes: address space of the process that decodes, in 10^6 bytes; its libraries
            take about 700 of them.
        upload_seconds: from the first byte of the file to the last.
        waiting: uploads and runs at a time; a further one is told to come again.
    """

    megabytes: float = 200.0
    seconds: float = 600.0
    frames: int = 36_000
    pixels: int = 4096 * 2304
    decode_seconds: float = 60.0
    decode_megabytes: int = 3000
    upload_seconds: float = 300.0
    waiting: int = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ValueError(f'{field.name}={value}: a limit is above 0; give a larger one')

    @property
    def bytes(self) -> int:
        return int(self.megabytes * 1e6)

    def check_size(self, size: int) -> None:
        """Raises Refused if a file of so many bytes is too large."""
        if size > self.bytes:
            raise Refused(
                f'is larger than {self.megabytes:g} MB; cut it, or make its picture smaller',
                status=413,
            )

    def check_picture(self, width: int, height: int) -> None:
        """Raises Refused if frames of that size have too many pixels."""
        if width * height > self.pixels:
            raise Refused(
                f'has frames of {width} x {height} pixels, and {self.pixels:,} in all are the most; '
                'make them smaller',
                status=413,
            )

    def check_length(self, frames: int, rate: float) -> None:
        """Raises Refused if a video of so many frames, at so many a second, is too long."""
        if frames > self.frames:
            raise Refused(
                f'has {frames:,} frames, and {self.frames:,} are the most; cut it', status=413
            )
        if rate > 0 and frames / rate > self.seconds:
            raise Refused(
                f'lasts {frames / rate:,.0f} s, and {self.seconds:g} s are the most; cut it',
                status=413,
            )
