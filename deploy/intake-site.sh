#!/bin/sh
# A command of intake for this machine's site: `intake-site status`, as root, from any folder. Two of
# its own: `restart` after a change in /etc/intake, and `down` in an emergency.
# With the site's settings, by the version that runs, and as the services' user: what a command
# writes must stay theirs.
set -eu
umask 077
program=/opt/intake/current/bin/intake
cd /etc/intake
case ${1:-} in
restart | down) exec "/opt/intake/current/deploy/$1.sh" ;;
keys) # the files of /etc/intake are root's, and the services only read them
    case ${2:-} in list | remove) exec "$program" "$@" ;; esac
    echo "intake-site: keys are made on the office's own machine, never here; here: list, remove" >&2
    exit 1
    ;;
age | demo | desk | export-opener | hold | open | reissue | reply | -* | "") ;; # these have no settings
*)
    case " $* " in
    *" --config"* | *" --help "*) ;;
    *) set -- "$@" --config intake.toml ;;
    esac
    ;;
esac
exec runuser -u intake -- "$program" "$@"
