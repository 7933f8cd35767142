#!/usr/bin/env bash
# Publishes the command as one native file, artifacts/vmi, and sees that it runs. A trimming or AOT warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet publish src/Vmi.Cli -c Release -r linux-x64 -v quiet --nologo -o artifacts/publish-cli
cp artifacts/publish-cli/vmi artifacts/vmi
artifacts/vmi --version
