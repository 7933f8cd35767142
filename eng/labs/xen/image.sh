#!/usr/bin/env bash
# Packs what boots: dom0.iso (GRUB, Xen, dom0's kernel and initramfs), and the disk, on which a tar of the lab goes in and one comes out.
# Usage: image.sh XEN-VERSION WORK-DIRECTORY CHECKS PROGRAM…
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache="${VMI_CACHE:-$HOME/.cache/vmi}"
version=$1 work=$2 checks=$3
shift 3
xen=$cache/xen/$version system=$cache/xen/bochs
libraries=usr/lib/x86_64-linux-gnu

# Copies programs to a tree, and the libraries that they need: Xen's of its version, the rest of the release that Bochs came from, whose
# C library is new enough for programs that were built here.
add_programs() {
    local root=$1 target=$2 file
    shift 2
    mkdir -p "$root/$libraries" "$root/$target"
    cp "$@" "$root/$target"
    for file in "$@"; do
        "$system/usr/lib64/ld-linux-x86-64.so.2" --library-path "$xen/$libraries:$system/$libraries" --list "$file"
    done | sort -u >"$work/needed"
    if grep 'not found' "$work/needed"; then return 1; fi
    sed -n 's/.* => \(.*\) (.*/\1/p' "$work/needed" | sort -u | xargs -r cp -Lut "$root/$libraries"
}

make_dom0() {
    local root=$1 name
    mkdir -p "$root"/{bin,dev,proc,sys,tmp,modules,etc/xen,run/xen,run/xenstored,usr/lib64} \
        "$root"/var/{lock,lib/xen,lib/xenstored,log/xen/console}
    ln -s usr/lib "$root/lib"
    ln -s usr/lib64 "$root/lib64"
    ln -s /run "$root/var/run"
    touch "$root/etc/xen/xl.conf"
    cp "$here/dom0-init" "$root/init"
    cp "$cache"/xen/kernel/{order,*.ko} "$root/modules/"
    cp /usr/bin/busybox "$root/bin/"
    for name in $(busybox --list); do [[ $name == busybox ]] || ln -s busybox "$root/bin/$name"; done
    add_programs "$root" bin "$xen/usr/lib/xen-$version/bin"/{xenstored,xenconsoled,xen-init-dom0,xl} "$xen/usr/bin/xenstore"
    cp -L "$system/usr/lib64/ld-linux-x86-64.so.2" "$root/usr/lib64/"
    # What a program of .NET loads by itself.
    cp -L "$xen/$libraries"/libxen*.so.?* "$system/$libraries"/libgcc_s.so.1 "$root/$libraries/"
}

make_lab() {
    local root=$1
    shift
    mkdir -p "$root/lab"
    "$here/../../guests/initramfs.sh" "$cache/guests/kernels/6.1" "$root/lab/guest.cpio"
    cp "$cache/guests/kernels/6.1/vmlinuz" "$root/lab/vmlinuz"
    cp "$here/guest.cfg" "$root/lab/"
    cp "$checks" "$root/lab/checks.sh"
    gcc -O2 -Wall -Werror -I"$cache/xen-headers/$version" -o "$work/rate" "$here/rate.c" -Wl,--allow-shlib-undefined \
        "$xen/$libraries/libxenctrl.so.$version" "$xen/$libraries/libxenevtchn.so.1"
    gcc -shared -fPIC -Wall -Werror -O2 -o "$root/lab/fewer_frames.so" "$here/fewer_frames.c"
    add_programs "$root" lab "$@" "$work/rate"
}

rm -rf "$work/dom0" "$work/lab" "$work/iso"
make_lab "$work/lab" "$@"
tar -cf "$work/disk" -C "$work/lab" .
blocks=$((($(stat -c %s "$work/disk") + 65535) / 65536))
# Whole cylinders of 16 heads and 63 sectors, as Bochs wants it; what the lab does not fill is a hole.
truncate -s $((768 * 16 * 63 * 512)) "$work/disk"

make_dom0 "$work/dom0"
echo "$blocks" >"$work/dom0/blocks"
mkdir -p "$work/iso/boot/grub"
(cd "$work/dom0" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$work/iso/boot/dom0.cpio"
cp "$xen/hypervisor" "$work/iso/boot/xen"
cp "$cache/xen/kernel/vmlinuz" "$work/iso/boot/"
cp "$here/grub.cfg" "$work/iso/boot/grub/"
grub-mkrescue -o "$work/dom0.iso" "$work/iso" >"$work/grub.log" 2>&1 || { cat "$work/grub.log"; exit 1; }
