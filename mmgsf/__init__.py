"""Gate-Shift-Fuse for MMAction2."""

__version__ = '0.1.0'
