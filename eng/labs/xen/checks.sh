#!/bin/sh
# Run in dom0: checks.sh DOMAIN-ID GUEST-CONSOLE OUTPUT-DIRECTORY. What it leaves in the directory is compared outside, after the run.
# The program has a line for each check, `ok NAME` or `FAIL NAME: why`, and last `N passed, N failed`.
domain=$1 console=$2 output=$3
say() { echo "@@ $(cut -d ' ' -f 1 /proc/uptime) $*"; }

Vmi.Xen.Lab "$domain" "$console"

# Asks the command about the domain; the answer's name is the question.
ask() {
    say "vmi $*"
    name=$output/live/$(echo "$*" | tr ' ' '_') command=$1
    shift
    vmi "$command" "xen:$domain" "$@" --json >"$name" 2>"$name.errors"
    echo $? >"$name.status"
}

# The process of the zoo in a role; an address of the kernel.
pid_of() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$console"; }
address_of() { sed -n "s/^\([0-9a-f]*\) . $1\$/\1/p" "$console"; }

# Paused, so that what the command says and what the file holds are of one moment.
mkdir "$output/live"
xl pause "$domain"
ask ps
ask modules
ask maps "$(pid_of mappings)"
ask maps "$(pid_of dynamic)"
ask dmesg
ask sym linux_banner
ask sym "$(printf '0x%x' $((0x$(address_of linux_banner) + 5)))"
ask registers
say "xl dump-core"
xl dump-core "$domain" "$output/core" >/dev/null
xl unpause "$domain"
