#!/bin/sh
# Start the services again, after settings, programme or keys were changed: checked before, since a
# server that does not take them would not come back, and looked at after.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

[ "$(id -u)" -eq 0 ] || stop "run it as root"
current=$(readlink /opt/intake/current)
systemctl --quiet is-enabled intake-onion 2>/dev/null ||
    stop "the site was never started, or taken down: go on with deploy/install.sh"
readable
for file in intake.toml onion.toml; do
    as_intake "$current/bin/intake" check --config "/etc/intake/$file" ||
        stop "nothing was started again: mend what stands above"
done
mail_is_named
services restart
answers "$current" || stop "it does not answer: journalctl -u intake -u intake-onion"
echo "Started again, and it answers."
