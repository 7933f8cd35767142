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

# Has the command show events of the exercise: NAME COMMAND [ARGUMENT…].
follow() {
    say "vmi $2"
    name=$output/live/$1 command=$2
    shift 2
    # shellcheck disable=SC2086
    vmi $command "xen:$domain" "$@" --pid "$exercise" --json >"$name" 2>"$name.errors"
    echo $? >"$name.status"
}

# A field of the line in which the exercise says where it is.
field() { sed -n "s/.*VMI-EXERCISE .*\b$1=\([0-9a-fx]*\).*/\1/p" "$console"; }

mkdir "$output/live"
exercise=$(field pid)
follow trace_syscalls "trace syscalls" --count 12
follow break break "$(field code)" --count 5
follow watch watch "$(field data)" --length 4 --count 5
# The exercise executes as many programs as the host writes into its page.
say "vmi trace exec"
traced=$output/live/trace_exec
vmi trace exec "xen:$domain" --count 2 --for 30s --json --verbose >"$traced" 2>"$traced.errors" &
until grep -q 'events are shown' "$traced.errors" || ! kill -0 $!; do sleep 0.2; done
ask write "$(printf '0x%x' $(($(field data_gfn) * 4096 + 72)))" 02000000 --physical
wait $!
echo $? >"$traced.status"

# Paused, so that what the command says and what the file holds are of one moment.
xl pause "$domain"
ask ps
ask modules
ask maps "$(pid_of mappings)"
ask maps "$(pid_of dynamic)"
ask dmesg
ask sym linux_banner
ask sym "$(printf '0x%x' $((0x$(address_of linux_banner) + 5)))"
# By its name, as `vmi list` has it.
vmi list --json >"$output/live/list" 2>"$output/live/list.errors"
echo $? >"$output/live/list.status"
number=$domain
domain=guest
ask registers
domain=$number
say "xl dump-core"
LD_PRELOAD=/lab/fewer_frames.so xl dump-core "$domain" "$output/core" >/dev/null
say "a list of processes, and one of the file"
Vmi.Xen.Lab --list "$domain" "$output/core"
xl unpause "$domain"
say "the domain's end"
Vmi.Xen.Lab --end "$domain" "$console"
