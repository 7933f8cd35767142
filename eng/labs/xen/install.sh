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

# A little-endian number of SIZE bytes at OFFSET of a file.
number_at() { od -An -t "u$3" -j "$(($2))" -N "$3" "$1" | tr -d ' '; }

# A bzImage with its payload compressed by LZ4 instead of XZ, which costs the emulated machine seconds where XZ costs half a minute.
# Fields of Linux' boot protocol: setup_sects (0x1f1), payload_offset (0x248) and payload_length (0x24c), HdrS below all of them. The
# payload ends with its decompressed size.
recompress() {
    local start length size
    start=$((($(number_at "$1" 0x1f1 1) + 1) * 512))
    dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip=$((start + $(number_at "$1" 0x248 4))) count="$(number_at "$1" 0x24c 4)" status=none \
        | xz -dc --single-stream >"$work/vmlinux"
    [[ $(head -c 4 "$work/vmlinux") == $'\x7fELF' ]] || { echo "$1 is compressed in another way than xz" >&2; return 1; }
    head -c "$start" "$1" >"$2"
    lz4 -q -l -9 -c "$work/vmlinux" >>"$2"
    size=$(stat -c %s "$work/vmlinux")
    put_number "$size" >>"$2"
    length=$(($(stat -c %s "$2") - start))
    put_number 0 | dd of="$2" bs=1 seek=$((0x248)) conv=notrunc status=none
    put_number "$length" | dd of="$2" bs=1 seek=$((0x24c)) conv=notrunc status=none
}

# Four bytes, little-endian.
put_number() {
    local escaped
    escaped=$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))
    printf '%b' "$escaped"
}

# Debian's cloud kernel can't be dom0; this one can.
fetch_kernel() {
    [[ -e $cache/kernel ]] && return 0
    echo "fetching dom0's kernel (bookworm)" >&2
    private_release "$work/bookworm" bookworm
    local package name
    package=$(private_apt "$work/bookworm" apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    mkdir "$work/kernel-deb" "$work/kernel"
    (cd "$work/kernel-deb" && private_apt "$work/bookworm" apt-get download "$package")
    unpack "$work/kernel-deb" "$work/kernel-root"
    recompress "$work"/kernel-root/boot/vmlinuz-* "$work/kernel/vmlinuz"
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
install_packages binutils busybox-static cpio gcc grub-common grub-pc-bin libc6-dev lz4 mtools util-linux xorriso xz-utils
mkdir -p "$cache"
exec 9>"$cache/install.lock"
flock 9
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch_bochs
fetch_kernel
fetch_xen "$1" "$suite"
