#!/bin/sh
# Run in dom0: checks.sh DOMAIN-ID GUEST-CONSOLE OUTPUT-DIRECTORY. What it leaves in the directory is compared outside, after the run.
# The program has a line for each check, `ok NAME` or `FAIL NAME: why`, and last `N passed, N failed`.
domain=$1 console=$2 output=$3
Vmi.Xen.Lab "$domain" "$console"
