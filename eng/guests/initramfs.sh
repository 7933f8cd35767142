#!/bin/bash
# Builds the guests' userland and packs it, with modules of a kernel, into an initramfs.
# Usage: initramfs.sh KERNEL-DIRECTORY OUTPUT
set -euo pipefail

kernel=$1 output=$2
source="$(cd "$(dirname "$0")/../../tests/Vmi.Guests/userland" && pwd)"
# Wanted for what they show: modules with and without dependencies, large and small. Those that a kernel has built in are skipped.
modules=(virtio_pci virtio_console qemu_fw_cfg bridge vfat overlay loop tun dm-mod nls_utf8 dummy)
# Packed but not loaded at boot: for tests that load and unload one.
spare=(nls_iso8859_1)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"
mkdir -p "$root"/{bin,boot,modules,lib64,lib/x86_64-linux-gnu}

flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -pthread)
gcc "${flags[@]}" -static -o "$root/init" "$source"/{init,truth,section,common}.c
gcc "${flags[@]}" -static-pie -fPIE -o "$root/bin/zoo" "$source"/{zoo,mappings,secrets,forger,busy,exercise,holdings,kernel,common}.c
gcc "${flags[@]}" -static -o "$root/bin/puppet" "$source"/{puppet,answer,record,calls,crew,runs,vanish,loads,common}.c
gcc "${flags[@]}" -o "$root/bin/dynamic" "$source/dynamic.c"
gcc -m32 -nostdlib -static -Wl,--build-id=none -o "$root/bin/compat" "$source/compat.S"
cp "$root/bin/zoo" "$root/bin/gone"
cp /usr/bin/busybox "$root/bin/busybox"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
cp -L /lib/x86_64-linux-gnu/libc.so.6 "$root/lib/x86_64-linux-gnu/"
for applet in sh mkfifo sleep; do ln -s busybox "$root/bin/$applet"; done
strip "$root/init"
# The kernel's own file, as a distribution has it: what is compared with the kernel's code.
cp "$kernel/vmlinuz" "$root/boot/vmlinuz"

# What a module's own description says that it needs.
dependencies() { tr '\0' '\n' <"$1" | sed -n 's/^depends=//p' | tr ',' '\n'; }

# Adds a module after those it needs, decompressed, once.
add_module() {
    local name=${1//-/_} file needed
    [[ -e "$root/modules/$name.ko" ]] && return 0
    # A file may be named with dashes where the module has underscores.
    file=$(find "$kernel/modules" -regex ".*/${name//_/[-_]}\.ko\(\.xz\)?" -print -quit)
    [[ -n $file ]] || return 0
    if [[ $file == *.xz ]]; then xz -dc "$file" >"$root/modules/$name.ko"; else cp "$file" "$root/modules/$name.ko"; fi
    for needed in $(dependencies "$root/modules/$name.ko"); do add_module "$needed"; done
    echo "$name.ko" >>"$root/modules/order"
}

: >"$root/modules/order"
for module in "${modules[@]}"; do add_module "$module"; done
cp "$root/modules/order" "$work/order"
for module in "${spare[@]}"; do add_module "$module"; done
mv "$work/order" "$root/modules/order"

# Uncompressed: unpacking costs the guest more time than reading. In one step: a reader sees a whole file or none.
(cd "$root" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$output.new"
mv "$output.new" "$output"
