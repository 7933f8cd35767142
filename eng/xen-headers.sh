#!/usr/bin/env bash
# Fetches Xen's headers of both Debian releases, which the tests compare the driver's structures with: VMI_CACHE/xen-headers/4.17, 4.20.
set -euo pipefail
cache="${VMI_CACHE:-$HOME/.cache/vmi}/xen-headers"

fetch() {
    local version=$1 release=$2 made mirror
    [[ ! -e $cache/$version/xenctrl.h ]] || return 0
    made=$(mktemp -d "$cache/$version.XXXX")
    mkdir -p "$made"/apt/{lists/partial,cache/archives/partial}
    : >"$made/apt/status"
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 'debian$') \
        || mirror=http://deb.debian.org/debian
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$made/apt/sources.list"
    cat >"$made/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$made/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$made/apt/lists";
Dir::State::status "$made/apt/status";
Dir::Cache "$made/apt/cache";
APT::Sandbox::User "$(id -un)";
CONF
    apt-get -c "$made/apt/apt.conf" update -qq
    (cd "$made" && apt-get -c apt/apt.conf download -qq libxen-dev && dpkg -x libxen-dev_*.deb tree)
    mv -T "$made/tree/usr/include" "$cache/$version" 2>/dev/null || [[ -e $cache/$version/xenctrl.h ]]
    rm -rf "$made"
}

mkdir -p "$cache"
fetch 4.17 bookworm
fetch 4.20 trixie
