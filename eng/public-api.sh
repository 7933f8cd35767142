#!/usr/bin/env bash
# Writes the public surface of every library in src/ into its PublicAPI.Unshipped.txt, as the analyzer wants it.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in src/*/*.csproj; do
    folder=$(dirname "$project")
    grep -q '<OutputType>Exe' "$project" && continue
    [ -f "$folder/PublicAPI.Shipped.txt" ] || echo '#nullable enable' > "$folder/PublicAPI.Shipped.txt"
    echo '#nullable enable' > "$folder/PublicAPI.Unshipped.txt"
    # Without a record every public symbol is reported, in the record's own notation.
    dotnet build "$project" --no-incremental -v quiet --nologo -p:TreatWarningsAsErrors=false -p:WarningsAsErrors= 2>&1 |
        sed -n "s/.*RS0016: Symbol '\(.*\)' is not part of the declared.*/\1/p" | LC_ALL=C sort -u > "$folder/api.part"
    cat "$folder/api.part" >> "$folder/PublicAPI.Unshipped.txt"
    rm "$folder/api.part"
done
