"""Transforms of clips. Empty, so that the operations can be had without MMAction2."""
