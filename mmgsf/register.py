"""Importing this module registers all of mmgsf in MMAction2's registries.

In a config: `custom_imports = dict(imports=['mmgsf.register'], allow_failed_imports=False)`.
"""

from . import compat

# MMAction2's models import only once the cures are in place.
compat.apply()

from . import engine, models  # noqa: E402, F401
from .datasets import curriculum, epic_kitchens100, rendered_footage  # noqa: E402, F401
from .datasets.transforms import caching, cropping, rand_augment, sampling  # noqa: E402, F401
from .evaluation import dump_scores, epic_metric  # noqa: E402, F401

compat.register_cures()
