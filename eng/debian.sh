# Sourced: Debian packages of any release, fetched and unpacked without installing them.

# apt with its state in a directory of ours: one host can take packages from any Debian release, changes nothing of its own,
# and the archive's signature is checked all the same.
# Usage: private_apt STATE PROGRAM ARGUMENTS…, after private_release STATE SUITE.
private_apt() {
    local state=$1; shift
    "$@" -qq -o Dir::Etc::sourcelist="$state/debian.sources" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$state/cache" \
        -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none
}

# Makes STATE know what SUITE has.
private_release() {
    local state=$1 suite=$2
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    cat >"$state/debian.sources" <<SOURCES
Types: deb
URIs: ${VMI_DEBIAN_MIRROR:-http://deb.debian.org/debian}
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    private_apt "$state" apt-get update
}
