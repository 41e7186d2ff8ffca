"""Metrics and files of scores; only the modules that register a metric need MMAction2."""
