#!/usr/bin/env bash
# Puts PostgreSQL 17 of Debian 13 beside the system's own on Debian 12, for `npm run soak -- native-17`: the packages are
# unpacked into one folder and told to use the libraries there. Nothing of the system changes but patchelf, where missing.
set -euo pipefail
home=${1:-/opt/postgresql-17}
mirror=${MIRROR:-http://deb.debian.org/debian}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
command -v patchelf >/dev/null || as_root apt-get install -y -qq --no-install-recommends patchelf >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts}
: >"$work/status"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $mirror trixie main" >"$work/sources.list"
own=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State=$work"
  -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1)
apt-get "${own[@]}" update -qq
apt-get "${own[@]}" install -qq -y --download-only --no-install-recommends postgresql-17 >/dev/null
mkdir -p "$home"
for package in "$work"/cache/archives/*.deb; do dpkg-deb -x "$package" "$work/parts"; done
mkdir -p "$home/root/usr"
cp -a "$work/parts/usr/lib" "$work/parts/usr/share" "$home/root/usr/"
cp -a "$work/parts/lib64" "$home/root/" 2>/dev/null || true
[ -d "$work/parts/lib" ] && [ ! -L "$work/parts/lib" ] && cp -a "$work/parts/lib/." "$home/root/usr/lib/"

libraries=$home/root/usr/lib/x86_64-linux-gnu
bin=$home/root/usr/lib/postgresql/17/bin
for program in "$bin"/*; do
  patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$program" 2>/dev/null || true
done
ln -sfn "$bin" "$home/bin"
"$home/bin/postgres" --version
