#!/usr/bin/env bash
# Makes sure that Chromium and its driver are there: Debian's packages, or those that CHROMIUM and
# CHROMEDRIVER name.
set -euo pipefail
if "${CHROMIUM:-chromium}" --version >/dev/null 2>&1 &&
    "${CHROMEDRIVER:-chromedriver}" --version >/dev/null 2>&1; then
    exit
fi
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "error: the tests in a browser need Chromium and chromedriver of one version; install the" \
        "packages chromium and chromium-driver as root, or set CHROMIUM and CHROMEDRIVER" >&2
    exit 1
fi
echo "installing chromium and chromium-driver (once)"
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver; } \
    >/dev/null; then
    echo "error: apt-get could not install chromium and chromium-driver" >&2
    exit 1
fi
