#!/bin/sh
# Install the Debian or Ubuntu packages named, as root or through sudo, or say what to do.
set -eu

root=
if [ "$(id -u)" -ne 0 ]; then
    root=sudo
    [ -t 0 ] || root="sudo -n" # nobody is there to type a password
fi
if ! command -v apt-get >/dev/null || { [ -n "$root" ] && ! command -v sudo >/dev/null; }; then
    echo "Missing on this machine: $*. Install it (Debian, Ubuntu: apt install $*), then run make again." >&2
    exit 1
fi
# Tests start nginx and tor as they need them; nothing should listen because of them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
    trap '$root rm -f "$policy"' EXIT
fi
echo "Installing $*"
$root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends "$@" </dev/null || {
    echo "apt could not install $*. Install it another way, then run make again." >&2
    exit 1
}
