#!/bin/sh
# Install the version of this checkout and change over to it; if it does not answer, go back.
# Meanwhile, about half a minute, people who send something are told to try again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

[ "$(id -u)" -eq 0 ] || stop "run it as root"
old=$(readlink /opt/intake/current)
new=$("$here/build-version.sh")
[ "$new" != "$old" ] || stop "$new is already what runs"
as_intake "$new/bin/intake" check --config /etc/intake/intake.toml ||
    stop "nothing was changed: mend what the new version does not take"

echo "Stopping"
services stop
step "$old" copy "$data" "$copy"
ln -sfn "$old" /opt/intake/previous

echo "Changing to $new"
change_to "$new"
if as_intake "$new/bin/intake" migrate --config /etc/intake/intake.toml &&
    "$new/deploy/units.sh" && services start && answers "$new"; then
    echo "Done. To go back within three days: /opt/intake/current/deploy/rollback.sh"
else
    echo "It does not answer. Going back." >&2
    "$here/rollback.sh"
    exit 1
fi
