#!/bin/sh
# Go back to the version before the last upgrade. Where the upgrade changed the database's schema,
# the copy from before comes back too: what was filed since is lost. It says how much and stops,
# unless you write --lose-new behind it. What people took back since stays deleted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

[ "$(id -u)" -eq 0 ] || stop "run it as root"
new=$(readlink /opt/intake/current)
old=$(readlink /opt/intake/previous) || stop "there is no version before this one"
[ "$new" != "$old" ] || stop "$old is already what runs"
[ -d "$old/deploy" ] || stop "$old is gone: upgrade to it from its own checkout"

stay() { # stay REASON: serve again as before
    services start
    answers "$new" || :
    stop "$1"
}

services stop
if ! step "$old" fits "$data"; then
    as_intake test -e "$copy/intake.sqlite3" ||
        stay "the database has a newer schema, and the copy from before is gone: stay, and ask"
    lost=$(step "$old" entries "$data" "$copy")
    echo "The upgrade changed the schema. Entries since, lost by going back: $lost"
    [ "$lost" -eq 0 ] || [ "${1:-}" = --lose-new ] ||
        stay "nothing was changed: let the offices fetch first, then add --lose-new"
    step "$old" bury "$data" "$copy"
    step "$old" back "$copy" "$data"
fi
change_to "$old"
"$old/deploy/units.sh"
services start
answers "$old" || stop "the old version does not answer either: journalctl -u intake -u intake-onion"
echo "Back at $old"
