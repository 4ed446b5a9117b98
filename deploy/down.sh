#!/bin/sh
# An emergency: everything of the site stops, and stays so after a restart of the machine. Nothing is
# taken, handed out, sent or deleted any more. Up again: install.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

[ "$(id -u)" -eq 0 ] || stop "run it as root"
for unit in $units intake-purge intake-backup intake-canary nginx tor; do
    # One by one: systemctl does nothing at all where one of several does not exist.
    systemctl --quiet stop "$unit" 2>/dev/null || :
    systemctl --quiet disable "$unit" 2>/dev/null || :
done
for unit in $units intake-purge intake-backup intake-canary nginx tor tor@default; do
    ! systemctl --quiet is-active "$unit" 2>/dev/null || stop "$unit still runs: cut the power"
done
echo "The site is down, and stays down. Up again: deploy/install.sh"
