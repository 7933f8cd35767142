#!/usr/bin/env bash
# Writes the public surface of every library in src/ into its PublicAPI.Unshipped.txt, as the analyzer wants it. To be run when it changed.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in src/*/*.csproj; do
    folder=$(dirname "$project")
    grep -q '<OutputType>Exe' "$project" && continue
    for record in Shipped Unshipped; do
        echo '#nullable enable' >"$folder/PublicAPI.$record.txt"
    done
    # Without a record every public symbol is reported; the log has each in the record's own notation.
    dotnet build "$project" --no-incremental -v quiet --nologo -p:TreatWarningsAsErrors=false \
        "-p:ErrorLog=$log%2cversion=2.1" -p:BuildProjectReferences=false >/dev/null || dotnet build "$project" --no-incremental -v quiet \
        --nologo -p:TreatWarningsAsErrors=false "-p:ErrorLog=$log%2cversion=2.1" >/dev/null
    python3 - "$log" <<'PY' | LC_ALL=C sort -u >>"$folder/PublicAPI.Unshipped.txt"
import json, sys
for run in json.load(open(sys.argv[1], encoding="utf-8-sig"))["runs"]:
    for result in run.get("results", []):
        if result["ruleId"] == "RS0016":
            print(result["properties"]["customProperties"]["APIName"])
PY
done
