"""Metrics and score files. Only what registers in MMAction2 needs it; the rest is numpy alone."""
