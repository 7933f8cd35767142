#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test; the last line is "N passed, N failed".
# Usage: test.sh [units|live]: only those without Linux guests, or only those with.
set -uo pipefail
cd "$(dirname "$0")"
# The gate has just done both.
if [[ -z ${VMI_IS_BUILT:-} ]]; then
    eng/install.sh || exit 1
    dotnet build Vmi.slnx -c Release -v quiet --nologo || { echo "0 passed, 1 failed"; exit 1; }
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
module() { echo "artifacts/bin/$1/release/$1.dll"; }
live=$(module Vmi.Live.Tests) modules=()
for project in tests/*.Tests; do
    each=$(module "$(basename "$project")")
    case ${1:-all} in
        all) modules+=("$each") ;;
        live) [[ $each != "$live" ]] || modules+=("$each") ;;
        units) [[ $each == "$live" ]] || modules+=("$each") ;;
        *) echo "usage: test.sh [units|live]" >&2; exit 2 ;;
    esac
done

# One test program at a time: the live ones need both cores for their guests.
dotnet test --test-modules "$(IFS=';'; echo "${modules[*]}")" --max-parallel-test-modules 1 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# The runner's own summary: "  total: 7", "  failed: 0", "  succeeded: 7".
count() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded)
failed=$(count failed)
if [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then
    failed=1
fi
echo "${passed:-0} passed, ${failed:-0} failed"
[ "${failed:-0}" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
