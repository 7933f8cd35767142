#!/usr/bin/env bash
# Boots every kernel with every setting, one guest after the other, compares what Vmi reads with what it prints, and writes docs/matrix.md.
# Usage: matrix.sh [MINUTES]: all takes about an hour; a run that ends early has seen every pair of settings first.
set -uo pipefail
cd "$(dirname "$0")/.."
eng/install.sh || exit 1
eng/guests/install.sh 5.10 6.12-rt 7.2 || echo "a kernel can't be had any more: its lines will say so" >&2
dotnet build tests/Vmi.Matrix -c Release -v quiet --nologo || exit 1

table=$(mktemp)
trap 'rm -f "$table"' EXIT
nice artifacts/bin/Vmi.Matrix/release/Vmi.Matrix "${1:-600}" | tee "$table"
status=${PIPESTATUS[0]}

cat >docs/matrix.md <<PAGE
# Kernels and settings that were tried

Written by \`eng/matrix.sh\` on $(date -u +%F), commit $(git rev-parse --short HEAD), QEMU $(qemu-system-x86_64 --version \
    | sed -n 's/.*version \([0-9.]*\).*/\1/p') (TCG), $(nproc) cores. Debian's kernels: 5.10 of bullseye, 6.1 of bookworm, 6.12 and its
realtime flavour of trixie, 7.2 of unstable (pinned by version in \`eng/guests/install.sh\`: a newer one would be a line here, not a red
gate). Each guest has memory above 4 GiB, huge pages in use, and 200 processes and 2,000 threads more. Compared is all that the live tests
compare (\`LinuxComparisons\`): processes, threads, regions, modules with symbols and types, log, files, sockets, mounts, stacks, handlers.

$(cat "$table")
PAGE
exit "$status"
