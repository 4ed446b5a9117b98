#!/bin/sh
# Make this machine a server of intake, or bring it to what this checkout says. Run it as often as
# you like: what you wrote into /etc/intake is never overwritten.
#
#   deploy/install.sh                               an onion site
#   deploy/install.sh reports.example.org you@example.org    an onion and an HTTPS site; the
#       address gets mail from Let's Encrypt when the certificate is about to end
set -eu
umask 027
here=$(cd "$(dirname "$0")" && pwd)
domain=${1:-}
mail=${2:-}
missing=

# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

say() { printf '\n== %s\n' "$*"; }
start() { # now, and whenever the machine starts
    systemctl --quiet enable "$@"
    systemctl restart "$@"
}

say "Is this machine fit?"
[ "$(id -u)" -eq 0 ] || stop "run it as root"
case $domain in *[!a-z0-9.-]*) stop "write the domain as reports.example.org" ;; esac
[ -z "$domain" ] || [ -n "$mail" ] || stop "name a mail address behind the domain"
# shellcheck source=/dev/null
. /etc/os-release
case "$ID $VERSION_ID" in
"debian 12" | "debian 13") ;;
*) stop "needs Debian 12 or 13, this is $PRETTY_NAME" ;;
esac
# Swap writes memory to the disk, and for some requests the words are in memory.
[ "$(wc -l </proc/swaps)" -le 1 ] ||
    stop "swap is on: swapoff -a, take its line out of /etc/fstab, run this again"
lsblk -no TYPE 2>/dev/null | grep -q crypt ||
    echo "No encrypted disk seen. Whoever takes this machine reads its settings and its onion's key."

say "Debian's packages"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends \
    ca-certificates curl openssl python3 python3-venv rsync tor unattended-upgrades >/dev/null
[ -z "$domain" ] ||
    apt-get install -y -qq --no-install-recommends nginx certbot >/dev/null
install -m 644 "$here/apt.conf" /etc/apt/apt.conf.d/52intake

say "The program"
id intake >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/intake --shell /usr/sbin/nologin intake
version=$("$here/build-version.sh")
if [ -L /opt/intake/current ] && [ "$(readlink /opt/intake/current)" != "$version" ]; then
    stop "another version is installed, go on with: deploy/upgrade.sh"
fi
ln -sfn "$version" /opt/intake/current
chmod 755 /opt/intake
intake=/opt/intake/current/bin/intake
install -d -m 700 -o intake -g intake /var/lib/intake /var/backups/intake
install -m 644 "$here/tmpfiles.conf" /etc/tmpfiles.d/intake.conf
echo "$version"

say "Tor"
install -m 644 "$here/tor/torrc" /etc/tor/intake.conf
grep -qx '%include /etc/tor/intake.conf' /etc/tor/torrc ||
    echo '%include /etc/tor/intake.conf' >>/etc/tor/torrc
tor --quiet --verify-config -f /etc/tor/torrc --defaults-torrc /usr/share/tor/tor-service-defaults-torrc
start tor
tries=30
while [ ! -s /var/lib/tor/intake/hostname ] && [ $tries -gt 0 ]; do
    tries=$((tries - 1))
    sleep 1
done
[ -s /var/lib/tor/intake/hostname ] || stop "Tor made no address: journalctl -u tor@default"
onion=$(cat /var/lib/tor/intake/hostname)
echo "http://$onion"

say "Settings in /etc/intake"
install -d -m 750 -g intake /etc/intake /etc/intake/keys
settings() { # settings FILE NAME=VALUE…: every setting with its reason, once
    file=$1
    shift
    [ -e "$file" ] || env INTAKE_PROGRAMME=/etc/intake/programme.toml INTAKE_KEYS=/etc/intake/keys \
        INTAKE_DATA=/var/lib/intake INTAKE_WORKERS="$(nproc)" INTAKE_BACKUP=/var/backups/intake \
        INTAKE_BACKUP_KEYS=/etc/intake/backup.txt "$@" "$intake" config >"$file"
}
settings /etc/intake/onion.toml INTAKE_ORIGIN="http://$onion" INTAKE_BIND=127.0.0.1:8081 \
    INTAKE_CIRCUITS=true
if [ -n "$domain" ]; then
    [ ! -L /etc/intake/intake.toml ] || rm /etc/intake/intake.toml
    settings /etc/intake/intake.toml INTAKE_ORIGIN="https://$domain" INTAKE_PROXIES=1
else # what purges, backs up and sends mail reads intake.toml
    [ -e /etc/intake/intake.toml ] || ln -s onion.toml /etc/intake/intake.toml
fi
[ -e /etc/intake/programme.toml ] ||
    cp "$here/../intake/programmes/default.toml" /etc/intake/programme.toml
readable

if [ -n "$domain" ]; then
    say "nginx and the certificate"
    tls=/etc/nginx/intake
    install -d -m 700 "$tls"
    install -d -m 755 /var/www/intake
    # Until Let's Encrypt has answered, one of our own: nginx does not start without.
    [ -e "$tls/fullchain.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
        -nodes -days 30 -subj "/CN=$domain" -addext "subjectAltName=DNS:$domain" \
        -keyout "$tls/privkey.pem" -out "$tls/fullchain.pem" 2>/dev/null
    sed "s/reports\.example\.org/$domain/g; s/youraddress\.onion/$onion/g" \
        "$here/nginx/intake.conf" >/etc/nginx/sites-available/intake
    ln -sfn ../sites-available/intake /etc/nginx/sites-enabled/intake
    rm -f /etc/nginx/sites-enabled/default
    nginx -t -q
    start nginx
    if [ ! -L "$tls/fullchain.pem" ]; then
        if certbot certonly --non-interactive --agree-tos \
            --webroot --webroot-path /var/www/intake \
            --cert-name intake --domain "$domain" --email "$mail" \
            --deploy-hook "systemctl reload nginx"; then
            for name in fullchain privkey; do
                ln -sfn "/etc/letsencrypt/live/intake/$name.pem" "$tls/$name.pem"
            done
            systemctl reload nginx
        else
            missing="No certificate yet. Does $domain lead here, is port 80 open? Then run this again."
        fi
    fi
fi

say "Services"
"$here/units.sh"
for file in ${domain:+intake.toml} onion.toml; do
    as_intake "$intake" check --config "/etc/intake/$file" ||
        stop "not started yet: mend what stands above, run this again"
done
mail_is_named
# A new database would be in the way of what is to come back.
[ -e /var/lib/intake/intake.sqlite3 ] || [ -z "$(ls /var/backups/intake/*.json 2>/dev/null)" ] ||
    stop "backups and no database: restore first (docs/operations.md), or move them away"
# Before the first start: two services at once would both begin to make the database.
as_intake "$intake" migrate --config /etc/intake/intake.toml
start intake-onion ${domain:+intake} intake-worker intake-purge.timer intake-backup.timer \
    intake-canary.timer
answers "$version" || stop "it does not answer: journalctl -u intake -u intake-onion"

[ -e /etc/intake/backup.txt ] ||
    echo "No backups until /etc/intake/backup.txt holds a key: see the guide."
[ -e /etc/intake/delivery.toml ] ||
    echo "No mail to offices until /etc/intake/delivery.toml is there: docs/delivery.md."
[ -z "$missing" ] || echo "$missing"
say "Done: http://$onion${domain:+ and https://$domain}"
