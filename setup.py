"""Puts configs, tools and the zoo index into `mmgsf/.mim` of a wheel; all else is in setup.cfg.

mim and `mmgsf.get_config` look there. An editable install reads the checkout's own.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
FOLDERS = {'configs': ('*.py', '*.yml', '*.md'), 'tools': ('*.py', '*.sh')}
INDEX = 'model-index.yml'


class BuildWithMim(build_py):
    """Builds the modules, then copies what mim needs into the build, not into the checkout."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        package = Path(self.build_lib) / 'mmgsf'
        # An earlier build in the checkout may have left what has gone since.
        shutil.rmtree(package, ignore_errors=True)
        super().run()
        target = package / '.mim'
        for source in mim_files():
            copy = target / source
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, copy)


def mim_files() -> list[Path]:
    """The files, relative to the root."""
    return [
        Path(INDEX),
        *(
            path.relative_to(ROOT)
            for folder, patterns in FOLDERS.items()
            for pattern in patterns
            for path in sorted((ROOT / folder).rglob(pattern))
        ),
    ]


setup(cmdclass={'build_py': BuildWithMim})
