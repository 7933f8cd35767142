#!/bin/bash
# Gets what the real guests are made of: the tools that build and run them, and Debian's kernels.
# May be run any number of times; says nothing and needs no network when there is nothing to do.
set -euo pipefail

cache="${VMI_CACHE:-$HOME/.cache/vmi}/guests"
# shellcheck source=eng/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/../debian.sh"

# A command or file that proves a package is there, and the package.
needed() {
    cat <<'LIST'
/usr/bin/qemu-system-x86_64 qemu-system-x86
/usr/bin/busybox            busybox-static
/usr/bin/gcc                gcc
/usr/include/stdio.h        libc6-dev
/usr/bin/cpio               cpio
/usr/bin/xz                 xz-utils
/usr/bin/zstd               zstd
/usr/bin/setpriv            util-linux
LIST
}

install_tools() {
    local missing=() file package
    while read -r file package; do
        [[ -e $file ]] || missing+=("$package")
    done < <(needed)
    (( ${#missing[@]} )) || return 0

    echo "installing ${missing[*]}" >&2
    local sudo=()
    (( EUID == 0 )) || sudo=(sudo)
    "${sudo[@]}" apt-get -qq update
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# What the guests' truth and Vmi's detection stand on.
has_options() {
    local option
    for option in DEBUG_INFO_BTF KALLSYMS_ALL PROC_KCORE SERIAL_8250_CONSOLE RANDOMIZE_BASE X86_5LEVEL; do
        grep -q "^CONFIG_$option=y" "$1" || return 1
    done
}

# Unpacks the kernel of a release to $cache/kernels/VERSION/{vmlinuz,config,modules}; nothing is installed on the host.
fetch_kernel() {
    local version=$1 suite=$2
    local target="$cache/kernels/$version"
    [[ -e $target/vmlinuz ]] && return 0

    echo "fetching Debian's kernel $version ($suite)" >&2
    local work
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir -p "$work/deb"
    private_release "$work/apt" "$suite"

    # The cloud flavour is smaller and boots faster; the generic one is for the day the cloud one lacks an option.
    local meta package
    for meta in linux-image-cloud-amd64 linux-image-amd64; do
        package=$(private_apt "$work/apt" apt-cache depends "$meta" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
        [[ -n $package ]] || { echo "no kernel package behind $meta in $suite" >&2; return 1; }
        rm -rf "$work/deb"/* "$work/root"
        (cd "$work/deb" && private_apt "$work/apt" apt-get download "$package")
        dpkg-deb -x "$work/deb"/*.deb "$work/root"
        has_options "$work"/root/boot/config-* && break
        package=
    done
    [[ -n $package ]] || { echo "no kernel $version in $suite has the options the guests need" >&2; return 1; }

    local release modules
    release=$(basename "$work"/root/boot/vmlinuz-* | sed 's/^vmlinuz-//')
    modules="$work/root/lib/modules"
    [[ -d $modules ]] || modules="$work/root/usr/lib/modules"
    mkdir -p "$work/kernel"
    mv "$work/root/boot/vmlinuz-$release" "$work/kernel/vmlinuz"
    mv "$work/root/boot/config-$release" "$work/kernel/config"
    mv "$modules/$release" "$work/kernel/modules"

    # In one step: another process sees a whole kernel or none.
    mkdir -p "$cache/kernels"
    rm -rf "$target"
    mv "$work/kernel" "$target"
    rm -rf "$work"
}

main() {
    mkdir -p "$cache"
    exec 9>"$cache/install.lock"
    flock 9
    install_tools
    fetch_kernel 6.1 bookworm
    fetch_kernel 6.12 trixie
}

main
