#!/bin/sh
# Install what the live tests need from Debian's packages, when it is missing and we may.
set -eu
[ "${WIKIBRIDGE_SKIP_LIVE:-}" = 1 ] && exit 0
missing=""
for package in mediawiki php-cli php-sqlite3 php-mbstring php-xml php-intl php-curl php-apcu chromium openssl fonts-dejavu-core cron systemd man-db groff-base postgresql; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "The live tests need these Debian packages:$missing. Install them with apt-get as root, or set WIKIBRIDGE_SKIP_LIVE=1." >&2
    exit 1
fi
apt-get update -q >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >/dev/null
