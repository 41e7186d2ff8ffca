"""Decoding in a process of its own, so that no file can crash or hang the one that asks."""

from .process import DamagedClip, DecodingProcess, VideoHandle, decoding_process, is_available

__all__ = ['DamagedClip', 'DecodingProcess', 'VideoHandle', 'decoding_process', 'is_available']
