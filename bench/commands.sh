#!/usr/bin/env bash
# The native `vmi ps` on a guest's memory file of 512 MiB against one pass over that file; with --rivals drgn and crash on the same file,
# which Debian has, with the kernel's debugging symbols (280 MB) that they can't do without.
set -euo pipefail
cd "$(dirname "$0")/.."
eng/install.sh
eng/publish-cli.sh
dotnet publish bench/Vmi.Bench.Pass -c Release -r linux-x64 -v quiet --nologo -o artifacts/publish-pass
dotnet build bench/Vmi.Bench -c Release -v quiet --nologo
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# With paging and VMCOREINFO, since drgn reads no other.
artifacts/bin/Vmi.Guests/release/Vmi.Guests dump Noted61 elf-paging "$folder/memory.elf"

rivals=()
if [[ ${1:-} == --rivals ]]; then
    apt-get install -y -qq --no-install-recommends crash python3-drgn >/dev/null
    release=$(artifacts/vmi info "$folder/memory.elf" --json | sed -n 's/.*Linux version \([^ ]*\) .*/\1/p' | head -n 1)
    (cd "$folder" && apt-get download -qq "linux-image-$release-dbg" && dpkg -x ./*.deb debug && rm -f ./*.deb)
    vmlinux=$folder/debug/usr/lib/debug/boot/vmlinux-$release
    cat >"$folder/ps.py" <<'PYTHON'
from drgn.helpers.linux.pid import for_each_task
for task in for_each_task(prog):
    print(task.pid.value_(), task.comm.string_().decode(errors='replace'))
PYTHON
    rivals=(
        "printf 'ps\\nquit\\n' | crash -s '$vmlinux' '$folder/memory.elf'"
        "drgn -q -c '$folder/memory.elf' -s '$vmlinux' '$folder/ps.py'"
    )
fi

artifacts/bin/Vmi.Bench/release/Vmi.Bench commands artifacts/vmi artifacts/publish-pass/Vmi.Bench.Pass "$folder/memory.elf" "${rivals[@]}"
