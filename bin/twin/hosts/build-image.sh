#!/usr/bin/env bash
# Makes the docker image conveyor-host:debian-12, a machine as far as Conveyor can tell: systemd, Docker with compose, an ssh
# host key, curl, jq, age. From Debian's packages, for a hub is not always reachable. Wants root, mmdebstrap and a daemon.
set -euo pipefail
image=conveyor-host:debian-12
packages=ca-certificates,curl,systemd,systemd-sysv,dbus,docker.io,docker-compose,age,jq,openssh-server,zstd,procps,iproute2,busybox-static
here=$(cd "$(dirname "$0")" && pwd)

# What it is made of: another recipe makes another image.
recipe=$(cat "$0" "$here"/image/* | sha256sum | cut -c 1-16)
if [ "$(docker image inspect --format '{{index .Config.Labels "recipe"}}' $image 2>/dev/null)" = "$recipe" ]; then
  echo "$image is there"
  exit 0
fi

mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
archive=$(mktemp --suffix=.tar)
trap 'rm -f "$archive"' EXIT
units="'$here/image/metadata.socket' '$here/image/metadata.service' '$here/image/host-keys.service'"
# The hooks get the new system's folder as their own $1.
# shellcheck disable=SC2016
mmdebstrap --quiet --variant=apt --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='mkdir -p "$1/etc/systemd/system/service.d" "$1/etc/docker"' \
  --customize-hook="copy-in $units /etc/systemd/system" \
  --customize-hook="copy-in '$here/image/endpoint.conf' /etc/systemd/system/service.d" \
  --customize-hook="copy-in '$here/image/daemon.json' /etc/docker" \
  --customize-hook='chroot "$1" systemctl --quiet enable metadata.socket host-keys.service' \
  --customize-hook='chroot "$1" systemctl --quiet mask ssh.service' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*; : >"$1/etc/machine-id"' \
  bookworm "$archive" "${mirror:-http://deb.debian.org/debian}"
docker import --change 'CMD ["/sbin/init"]' --change "LABEL recipe=$recipe" "$archive" $image
