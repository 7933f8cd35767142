#!/usr/bin/env bash
# Installs what this repository needs on a Debian machine that has the .NET SDK: nothing if it is all there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v dotnet >/dev/null; then
    echo "eng/install.sh: the .NET 10 SDK is missing: see https://dotnet.microsoft.com/download" >&2
    exit 1
fi

# zlib1g-dev and gcc: NativeAOT links with them. libc6-dev and strace: what the constants and texts of system calls are compared with.
# makedumpfile: writes kdump files. tabix: bgzip. qemu-utils: makes the disk image that QEMU saves a VM into. python3: eng/isf.py.
# shellcheck source=eng/packages.sh
. "$here/packages.sh"
install_packages gcc libc6-dev strace zlib1g-dev binutils bpftool pahole lz4 makedumpfile qemu-utils zstd xz-utils tabix python3
"$here/guests/install.sh"
"$here/xen-headers.sh"
