#!/usr/bin/env bash
# Writes the public surface of every library in src/ into its PublicAPI.Unshipped.txt, as the analyzer wants it. To be run when it changed.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build Vmi.slnx -v quiet --nologo -p:TreatWarningsAsErrors=false >/dev/null
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in src/*/*.csproj; do
    folder=$(dirname "$project")
    grep -q '<OutputType>Exe' "$project" && continue
    for record in Shipped Unshipped; do
        echo '#nullable enable' >"$folder/PublicAPI.$record.txt"
    done
    # What the record lacks is reported, each symbol in the record's own notation. Some show only when others are there.
    for _ in 1 2 3; do
        dotnet build "$project" --no-incremental -v quiet --nologo -p:TreatWarningsAsErrors=false \
            -p:BuildProjectReferences=false "-p:ErrorLog=$log%2cversion=2.1" >/dev/null
        python3 - "$log" "$folder/PublicAPI.Unshipped.txt" <<'PY' || break
import json, sys
log, record = sys.argv[1:]
known = set(open(record, encoding="utf-8").read().split("\n")[1:]) - {""}
found = {result["properties"]["customProperties"]["APIName"]
         for run in json.load(open(log, encoding="utf-8-sig"))["runs"]
         for result in run.get("results", []) if result["ruleId"] == "RS0016"}
with open(record, "w", encoding="utf-8") as file:
    file.write("\n".join(["#nullable enable", *sorted(known | found)]) + "\n")
sys.exit(0 if found - known else 1)
PY
    done
done
