#!/bin/sh
# Put the units beside this file into systemd, each with what harden.conf forbids, and the command
# for who runs the site where root finds it.
set -eu
umask 022
from=$(dirname "$0")/systemd
install -m 755 "$(dirname "$0")/intake-site.sh" /usr/local/sbin/intake-site
to=/etc/systemd/system
for unit in "$from"/*.service "$from"/*.timer; do
    install -m 644 "$unit" "$to"
done
for unit in "$from"/*.service; do
    install -d "$to/$(basename "$unit").d"
    install -m 644 "$from/harden.conf" "$to/$(basename "$unit").d/harden.conf"
done
[ ! -d /run/systemd/system ] || systemctl daemon-reload
