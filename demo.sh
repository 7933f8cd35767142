#!/usr/bin/env bash
# The main job, from nothing: boots a real Debian kernel under stock QEMU and looks into it, told only where its monitor is.
set -euo pipefail
cd "$(dirname "$0")"
eng/install.sh
./vmi --version >/dev/null
dotnet build tests/Vmi.Guests -c Release -v quiet --nologo

work=$(mktemp -d)
guest=
cleanup() {
    [ -z "$guest" ] || kill "$guest" 2>/dev/null || true
    [ -z "$guest" ] || wait "$guest" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

echo "Booting a Debian guest (two vCPUs, page-table isolation on) …"
artifacts/bin/Vmi.Guests/release/Vmi.Guests boot Isolated61 >"$work/boot" &
guest=$!
until grep -q '^qmp ' "$work/boot"; do
    kill -0 "$guest" 2>/dev/null || { echo "demo.sh: the guest did not boot" >&2; exit 1; }
    sleep 0.2
done
target=qemu:$(sed -n 's/^qmp //p' "$work/boot")

show() {
    echo
    echo "\$ ./vmi $1 $target ${*:2}"
    ./vmi "$1" "$target" "${@:2}"
}

begin=$(date +%s%N)
show ps
end=$(date +%s%N)
echo
echo "From attach to the first process list: $(( (end - begin) / 1000000 )) ms"
show modules
show maps 1
show sym init_task
show dmesg | tail -n 12
