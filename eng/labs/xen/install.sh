#!/usr/bin/env bash
# Gets what the Xen lab is made of, from Debian's archive: tools of this machine, and in the cache Bochs 3.0 with every library of its
# release, dom0's kernel, and one version of Xen. Says nothing and needs no network when there is nothing to do.
# Usage: install.sh 4.17|4.20
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache="${VMI_CACHE:-$HOME/.cache/vmi}/xen"
# shellcheck source=eng/packages.sh
. "$here/../../packages.sh"
# shellcheck source=eng/debian.sh
. "$here/../../debian.sh"

# The debs in $1 become the tree $2.
unpack() {
    local file
    for file in "$1"/*.deb; do dpkg-deb -x "$file" "$2"; done
    rm -rf "$2"/usr/share/{doc,man,locale,icons,fonts,menu,lintian}
}

# In one step: another process sees a whole tree or none.
put() {
    rm -rf "${cache:?}/$2"
    mv "$1" "$cache/$2"
}

# Bochs before 3.0 has no monitor trap flag, and Debian 12 has 2.7: taken with all it needs from Debian 13, it runs on either. The
# display without a screen is `term`.
fetch_bochs() {
    [[ -e $cache/bochs ]] && return 0
    echo "fetching Bochs 3.0 (trixie)" >&2
    private_release "$work/trixie" trixie
    private_apt "$work/trixie" apt-get install -y --no-install-recommends --download-only bochs bochs-term bochsbios vgabios
    unpack "$work/trixie/cache/archives" "$work/bochs"
    put "$work/bochs" bochs
}

# The payload of a bzImage, decompressed: Linux' boot protocol, fields setup_sects, payload_offset and payload_length.
extract_kernel() {
    local sectors offset length
    sectors=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
    read -r offset length < <(od -An -tu4 -j $((0x248)) -N 8 "$1")
    # The size follows the compressed stream, hence --single-stream.
    dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip=$(((sectors + 1) * 512 + offset)) count="$length" status=none | xz -dc --single-stream
}

# Debian's cloud kernel can't be dom0; this one can. Decompressed here, which costs Bochs a minute.
fetch_kernel() {
    [[ -e $cache/kernel ]] && return 0
    echo "fetching dom0's kernel (bookworm)" >&2
    private_release "$work/bookworm" bookworm
    local package name
    package=$(private_apt "$work/bookworm" apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    mkdir "$work/kernel-deb" "$work/kernel"
    (cd "$work/kernel-deb" && private_apt "$work/bookworm" apt-get download "$package")
    unpack "$work/kernel-deb" "$work/kernel-root"
    extract_kernel "$work"/kernel-root/boot/vmlinuz-* >"$work/kernel/vmlinux"
    [[ $(head -c 4 "$work/kernel/vmlinux") == $'\x7fELF' ]] || { echo "the kernel in $package is compressed in another way than xz" >&2; return 1; }
    # Each after those that it needs: Xen's devices, and the disk on which results leave.
    for name in xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc scsi_common scsi_mod libata ata_piix \
        crct10dif_common crc-t10dif crc64 crc64-rocksoft t10-pi sd_mod; do
        cp "$(find "$work"/kernel-root/lib/modules -name "$name.ko" -print -quit)" "$work/kernel/"
        echo "$name.ko" >>"$work/kernel/order"
    done
    put "$work/kernel" kernel
}

fetch_xen() {
    local version=$1 suite=$2
    [[ -e $cache/$version ]] && return 0
    echo "fetching Xen $version ($suite)" >&2
    [[ -e $work/$suite ]] || private_release "$work/$suite" "$suite"
    mkdir "$work/xen-deb"
    (cd "$work/xen-deb" && private_apt "$work/$suite" apt-get download "xen-hypervisor-$version-amd64" "xen-utils-$version" \
        "libxenmisc$version" libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenstore4 \
        libxentoolcore1 libxentoollog1 xenstore-utils libyajl2 libuuid1)
    unpack "$work/xen-deb" "$work/xen"
    gzip -dc "$work/xen/boot/xen-$version-amd64.gz" >"$work/xen/hypervisor"
    rm -r "$work/xen/boot"
    put "$work/xen" "$version"
}

case ${1:-} in
    4.17) suite=bookworm ;;
    4.20) suite=trixie ;;
    *) echo "usage: install.sh 4.17|4.20" >&2; exit 2 ;;
esac
install_packages binutils busybox-static cpio gcc grub-common grub-pc-bin libc6-dev mtools util-linux xorriso xz-utils
mkdir -p "$cache"
exec 9>"$cache/install.lock"
flock 9
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch_bochs
fetch_kernel
fetch_xen "$1" "$suite"
