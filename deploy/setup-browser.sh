#!/bin/sh
# See to it that there is a Chromium for the browser tests.
set -eu
for name in chromium chromium-browser google-chrome-stable google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
# Ubuntu's package only starts a snap, which cannot read the profiles that tests keep in /tmp.
if grep -qs '^ID=ubuntu' /etc/os-release; then
    echo "The browser tests need Chromium or Chrome as a plain package; on Ubuntu install" >&2
    echo "google-chrome-stable from Google's archive, or run make on Debian." >&2
    exit 1
fi
"$(dirname "$0")/setup-packages.sh" chromium
