#!/bin/bash
# Gets what the real guests are made of: the tools that build and run them, and Debian's kernels.
# Usage: install.sh [KERNEL…]: the kernels of the gate, 6.1 and 6.12, unless others are named.
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
    for option in DEBUG_INFO_BTF KALLSYMS_ALL PROC_KCORE SERIAL_8250_CONSOLE RANDOMIZE_BASE; do
        grep -q "^CONFIG_$option=y" "$1" || return 1
    done
}

# The package with a kernel's image: the one that a metapackage stands for, or a version that is pinned.
image_package() {
    local state=$1 name=$2
    if [[ $name == linux-image-[0-9]* ]]; then
        private_apt "$state" apt-cache show "$name" 2>/dev/null | sed -n 's/^Package: //p' | head -n 1
    else
        private_apt "$state" apt-cache depends "$name" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
    fi
}

# Downloads a kernel's package to a directory, with those of the same build that hold parts of it (image, modules, files of /boot).
download_kernel() {
    local state=$1 package=$2 directory=$3 version
    version=$(private_apt "$state" apt-cache show "$package" | sed -n 's/^Version: //p' | head -n 1)
    local parts=("$package")
    mapfile -t -O 1 parts < <(private_apt "$state" apt-cache depends "$package" \
        | sed -n "s/^ *Depends: \(linux-\(base\|binary\|modules\)-${package#linux-image-}\)$/\1/p" | sort -u)
    (cd "$directory" && private_apt "$state" apt-get download "${parts[@]/%/=$version}")
}

# A file of a kernel by its kind: in /boot with its version, or, in newer packages, among the modules.
find_part() { find "$1" \( -path "*/boot/$2-*" -o -path "*/lib/modules/*/$2" \) -print -quit; }

# Unpacks a kernel to $cache/kernels/NAME/{vmlinuz,config,modules,version}; nothing is installed on the host.
# Usage: fetch_kernel NAME SUITE PACKAGE…: the first package that has the options.
fetch_kernel() {
    local name=$1 suite=$2
    shift 2
    local target="$cache/kernels/$name"
    [[ -e $target/vmlinuz ]] && return 0

    echo "fetching Debian's kernel $name ($suite)" >&2
    local work
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work/deb"
    private_release "$work/apt" "$suite"

    local wanted package="" part
    for wanted in "$@"; do
        package=$(image_package "$work/apt" "$wanted")
        [[ -n $package ]] || { echo "$suite has no package $wanted" >&2; return 1; }
        rm -rf "$work/deb"/* "$work/root"
        download_kernel "$work/apt" "$package" "$work/deb"
        for part in "$work/deb"/*.deb; do dpkg-deb -x "$part" "$work/root"; done
        has_options "$(find_part "$work/root" config)" && break
        package=
    done
    [[ -n $package ]] || { echo "no kernel $name in $suite has the options the guests need" >&2; return 1; }

    mkdir -p "$work/kernel"
    for part in vmlinuz config; do mv "$(find_part "$work/root" "$part")" "$work/kernel/$part"; done
    mv "$(find "$work/root" -path '*/lib/modules/*' -prune -print -quit)" "$work/kernel/modules"
    echo "$package" >"$work/kernel/package"

    # In one step: another process sees a whole kernel or none.
    mkdir -p "$cache/kernels"
    rm -rf "$target"
    mv "$work/kernel" "$target"
    rm -rf "$work"
    trap - EXIT
}

# Gets a kernel by the name that guests know it by. The cloud flavour is smaller and boots faster; the generic one is for the day the
# cloud one lacks an option.
get_kernel() {
    case $1 in
        5.10)    fetch_kernel 5.10 bullseye linux-image-cloud-amd64 linux-image-amd64 ;;
        6.1)     fetch_kernel 6.1 bookworm linux-image-cloud-amd64 linux-image-amd64 ;;
        6.12)    fetch_kernel 6.12 trixie linux-image-cloud-amd64 linux-image-amd64 ;;
        6.12-rt) fetch_kernel 6.12-rt trixie linux-image-rt-amd64 ;;
        # Unstable's is pinned: what comes after it is tried by hand. Debian keeps no old version there.
        7.2)     fetch_kernel 7.2 sid linux-image-7.2.13+deb14-cloud-amd64 ;;
        *)       echo "no kernel $1: there are 5.10, 6.1, 6.12, 6.12-rt and 7.2" >&2; return 1 ;;
    esac
}

main() {
    mkdir -p "$cache"
    exec 9>"$cache/install.lock"
    flock 9
    install_tools
    (( $# )) || set -- 6.1 6.12
    local kernel
    for kernel; do get_kernel "$kernel"; done
}

main "$@"
