# shellcheck shell=sh disable=SC2034,SC2154
# What the other scripts share.
data=/var/lib/intake
copy=$data/before-upgrade
units="intake intake-onion intake-worker intake-purge.timer intake-backup.timer intake-canary.timer"

stop() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

as_intake() { (umask 077 && cd /etc/intake && runuser -u intake -- "$@"); }

# readable: the services read what root wrote into /etc/intake, and change none of it
readable() {
    chgrp -R intake /etc/intake
    chmod -R u=rwX,g=rX,o= /etc/intake
}

# mail_is_named: or the worker would start and end again and again, and no mail would go
mail_is_named() {
    [ ! -e /etc/intake/delivery.toml ] || ! grep -qx 'delivery = ""' /etc/intake/intake.toml ||
        stop "mail: set delivery = \"/etc/intake/delivery.toml\" in /etc/intake/intake.toml"
}

# step VERSION ARGUMENT…: one step of that version's steps.py
step() {
    version=$1
    shift
    as_intake "$version/bin/python" "$version/deploy/steps.py" "$@"
}

# services start|stop|restart: those that are enabled here
services() {
    for unit in $units; do
        ! systemctl --quiet is-enabled "$unit" 2>/dev/null || systemctl "$1" "$unit"
    done
}

# answers VERSION: whether every server that is enabled here says "ok" within half a minute
answers() {
    ! systemctl --quiet is-enabled intake 2>/dev/null || step "$1" answers 8080 || return 1
    ! systemctl --quiet is-enabled intake-onion 2>/dev/null || step "$1" answers 8081
}

change_to() {
    ln -s "$1" /opt/intake/next
    mv -T /opt/intake/next /opt/intake/current
}
