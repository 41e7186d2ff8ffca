"""What a clip of footage is: a class, and a seed that everything else follows from."""

from dataclasses import dataclass, replace

from mmgsf.datasets.motions import MOTIONS


@dataclass(frozen=True)
class FootageClip:
    """One clip; nothing that its seed decides depends on the class.

    So every clip has a twin of the same probability in the opposite class: its own frames in
    reversed order.
    """

    split: str
    seed: tuple[int, ...]
    label: int
    backwards: bool = False
    # The camera stands and only shakes: what a classifier should not be sure of.
    standing: bool = False

    def reversed(self) -> 'FootageClip':
        """The same frames in reversed order, before they are compressed."""
        axis, sign = self.motion
        label = MOTIONS.index((axis, -sign))
        return replace(self, label=label, backwards=not self.backwards)

    @property
    def motion(self) -> tuple[int, int]:
        """The coordinate that runs, and which way it runs in the frames as they are shown."""
        return MOTIONS[self.label]
