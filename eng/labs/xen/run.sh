#!/usr/bin/env bash
# The Xen lab: boots real Xen with VMX, EPT and altp2m in Bochs, which needs no special machine, starts a guest, runs the checks in dom0,
# compares what comes out with what the guest printed, and ends with "N passed, N failed". docs/xen-lab.md says how it works.
# Usage: run.sh [--xen 4.17|4.20] [--program FILE] [--vmi FILE] [--comparison FILE] [--checks FILE] [--keep DIRECTORY] [--limit SECONDS]
#   --program  Vmi.Xen.Lab as a native file, instead of building it
#   --vmi      the same of the vmi command
#   --comparison  Vmi.Xen.Comparison, instead of building it
#   --checks   another script to run in dom0 than checks.sh
#   --keep     a directory for what the run leaves: serial.log, out/ (what checks.sh wrote), the images
#   --limit    how long Bochs may run; 300 seconds unless said otherwise
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache="${VMI_CACHE:-$HOME/.cache/vmi}"

version=4.17 program='' vmi='' comparison='' checks=$here/checks.sh keep='' limit=300
while [[ $# -gt 0 ]]; do
    case $1 in
        --xen) version=$2 ;;
        --program) program=$(realpath "$2") ;;
        --vmi) vmi=$(realpath "$2") ;;
        --comparison) comparison=$(realpath "$2") ;;
        --checks) checks=$(realpath "$2") ;;
        --keep) keep=$2 ;;
        --limit) limit=$2 ;;
        *) sed -n 's/^# \(Usage.*\|  --.*\)/\1/p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done

step() { echo "== $1 (at $SECONDS s)"; }

fail() {
    echo "eng/labs/xen/run.sh: $1" >&2
    echo "0 passed, 1 failed"
    exit 1
}

show_end() {
    echo "-- the end of the serial console:"
    tail -n 40 "$work/serial.log"
}

# Bochs hears no SIGTERM.
bochs='' helpers=()
clean_up() {
    [[ -z $bochs ]] || kill -KILL "$bochs" 2>/dev/null || true
    [[ ${#helpers[@]} -eq 0 ]] || kill "${helpers[@]}" 2>/dev/null || true
    [[ -n $keep ]] || rm -rf "$work"
}
if [[ -n $keep ]]; then mkdir -p "$keep" && work=$(realpath "$keep"); else work=$(mktemp -d); fi
trap clean_up EXIT
trap 'exit 130' INT TERM

# Runs what is to be heard of only if it fails.
quietly() { "$@" >"$work/build.log" 2>&1 || { cat "$work/build.log"; return 1; }; }

# Bochs with the libraries of its own release.
run_bochs() {
    local tree=$cache/xen/bochs libraries=$cache/xen/bochs/usr/lib/x86_64-linux-gnu
    sed "s|@WORK@|$work|; s|@BOCHS@|$tree|" "$here/bochsrc" >"$work/bochsrc"
    TERM=vt100 LTDL_LIBRARY_PATH=$libraries/bochs/plugins exec "$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$tree/usr/bin/bochs-bin" -q -f "$work/bochsrc" </dev/null >"$work/bochs.out" 2>&1
}

# Bochs' text display opens a terminal, and stands still when nobody reads it.
drain() {
    until grep -q 'connected to screen' "$work/bochs.out" 2>/dev/null; do sleep 0.1; done
    exec cat "$(sed -n 's/.*connected to screen "\(.*\)"/\1/p' "$work/bochs.out")" >/dev/null 2>&1
}

step "install"
"$here/install.sh" "$version" || fail "the set-up failed"
"$root/eng/xen-headers.sh" || fail "Xen's headers are missing"
"$root/eng/guests/install.sh" || fail "the guest's kernel is missing"

step "build"
if [[ -z $program ]]; then
    quietly dotnet publish "$root/tests/Vmi.Xen.Lab" -c Release -r linux-x64 -v quiet --nologo -o "$root/artifacts/publish-xen-lab" \
        || fail "the checks can't be built"
    program=$root/artifacts/publish-xen-lab/Vmi.Xen.Lab
fi
if [[ -z $comparison ]]; then
    quietly dotnet build "$root/tests/Vmi.Xen.Comparison" -c Release -v quiet --nologo || fail "the comparison can't be built"
    comparison=$root/artifacts/bin/Vmi.Xen.Comparison/release/Vmi.Xen.Comparison
fi
[[ -n $vmi ]] || { quietly "$root/eng/publish-cli.sh" && vmi=$root/artifacts/vmi; } || fail "the command can't be built"
"$here/image.sh" "$version" "$work" "$checks" "$program" "$vmi" || fail "the images can't be made"

step "Xen $version"
: >"$work/serial.log"
run_bochs &
bochs=$!
# It has one core's work only, and all else that runs beside it can wait; not everybody may do this.
renice -n -10 -p "$bochs" >/dev/null 2>&1 || true
drain &
helpers+=($!)
# Ends with Bochs, or at the limit; shows how far dom0 is, and each check. dom0's terminal and Xen's each add a carriage return.
timeout "$limit" tail -n +1 -s 0.5 -f --pid="$bochs" "$work/serial.log" | sed -u 's/\r*$//' \
    | grep -aE --line-buffered '^(@@ |ok |FAIL |[0-9]+ passed, )' | tee "$work/verdict" || true
if kill -0 "$bochs" 2>/dev/null; then
    show_end
    fail "no end within $limit s"
fi
bochs=
grep -q '^@@ .* the end$' "$work/verdict" || { show_end; fail "dom0 ended early"; }

step "what came out"
mkdir -p "$work/out"
tar -xf "$work/disk" -C "$work/out" || fail "dom0 left no files"
LC_ALL=C sed -n '/^@@ proc\/version /,$p' "$work/out/console" >"$work/out/truth"
"$comparison" "$work/out" "$vmi" | tee "$work/comparison" || true

# Every line counts, and so many must each program have counted itself: one that ended early fails.
count() { grep -c "^$1 " "$work/$2" || true; }
counted() { sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/$1"; }
passed=0 failed=0
compare_counts() {
    local part=$1 programs=$2 lines
    lines=$(counted "$part")
    passed=$((passed + $(count ok "$part")))
    failed=$((failed + $(count FAIL "$part")))
    if [[ $(awk '{ passed += $1; failed += $2 } END { print NR, passed, failed }' <<<"$lines") \
        != "$programs $(count ok "$part") $(count FAIL "$part")" ]]; then
        echo "FAIL $part: a program did not end, or counted otherwise"
        failed=$((failed + 1))
    fi
}
# In dom0 the checks of events, that of lists, and those of the end.
compare_counts verdict 3
compare_counts comparison 1
step "done"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
