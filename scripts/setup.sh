#!/usr/bin/env bash
# Installs what is missing of the named parts of scripts/packages.txt: setup.sh PART...
# Silent when nothing is missing. Stops with 64 for wrong use, 69 where the distribution is none of ours,
# 77 without the right to install, 78 when a package in the way must be removed first.
set -euo pipefail

LIST="$(dirname "$(readlink -f "$0")")/packages.txt"
POLICY=/usr/sbin/policy-rc.d

say() { printf 'setup: %s\n' "$*"; }
stop() {
    local status=$1
    shift
    printf 'setup: %s\n' "$@" >&2
    exit "$status"
}

# Lines "name|name..." of the parts asked for.
packages_of() {
    awk -v wanted=" $* " '
        { sub(/#.*/, "") }
        /^\[/ { part = $0; gsub(/[][ \t]/, "", part); next }
        NF && index(wanted, " " part " ") { gsub(/[ \t]/, ""); print }' "$LIST"
}

check_parts() {
    [ $# -gt 0 ] || stop 64 "which part? one or more of: $(sed -n 's/^\[\(.*\)\]$/\1/p' "$LIST" | tr '\n' ' ')"
    local part
    for part in "$@"; do
        grep -qxF "[$part]" "$LIST" || stop 64 "no part '$part' in $LIST"
    done
}

# Sets missing to the lines of which no name is installed.
# shellcheck disable=SC2016 # dpkg-query expands these
find_missing() {
    local -A installed=()
    local name line found
    while read -r name; do
        installed[$name]=1
    done < <(tr '|' '\n' <<<"$1" |
        xargs dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    missing=()
    while read -r line; do
        found=
        for name in ${line//|/ }; do
            found+="${installed[$name]:-}"
        done
        [ -n "$found" ] || missing+=("$line")
    done <<<"$1"
}

check_distribution() {
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && return
    stop 69 "this system has no apt; datong is built on Debian 12 and Ubuntu 24.04." \
        "On another one install what these packages hold, then run cmake --preset release:" \
        "$(tr '\n' ' ' <<<"$1")"
}

# libcpprest-dev wants the distribution's own Boost, and apt would remove nothing for it.
check_conflicts() {
    [[ " ${missing[*]} " == *" libcpprest-dev "* ]] || return 0
    [[ $(dpkg-query -W -f='${db:Status-Status}' libboost1.81-dev 2>/dev/null || true) == installed ]] || return 0
    stop 78 "libcpprest-dev can't be installed beside libboost1.81-dev: the two want different Boosts." \
        "Remove it with: apt-get remove --autoremove '^libboost.*1\\.81.*'" "and run this again."
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

check_rights() {
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null || stop 77 "packages are missing and you are not root: ${missing[*]%%|*}"
    say "asks for the administrator's rights by sudo"
    sudo -v || stop 77 "no right to install: ${missing[*]%%|*}"
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
        -o Dpkg::Use-Pty=0 "$@" >>"$journal" 2>&1 ||
        stop 1 "apt-get $1 failed; its last words:" "$(tail -n 15 "$journal")"
}

# The first name of each missing line that apt knows.
choose() {
    local line name known
    chosen=()
    for line in "${missing[@]}"; do
        known=
        for name in ${line//|/ }; do
            if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then
                known=$name
                break
            fi
        done
        [ -n "$known" ] || stop 69 "this distribution has no package ${line//|/ or }: use Debian 12 or Ubuntu 24.04"
        chosen+=("$known")
    done
}

# Servers from packages must not start by themselves: a build is no reason to open a port.
hold_servers() {
    if [ ! -e "$POLICY" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
        trap 'as_root rm -f "$POLICY"; rm -f "$journal"' EXIT
    fi
    [[ " ${chosen[*]} " == *" postgresql "* ]] || return 0
    say "prepares postgresql to make no cluster"
    apt install --no-install-recommends postgresql-common
    as_root sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
}

main() {
    check_parts "$@"
    local wanted
    wanted=$(packages_of "$@")
    [ -n "$wanted" ] || return 0
    check_distribution "$wanted"
    find_missing "$wanted"
    [ ${#missing[@]} -gt 0 ] || return 0
    check_conflicts
    check_rights
    journal=$(mktemp)
    trap 'rm -f "$journal"' EXIT
    say "reads the lists of packages (apt-get update)"
    apt update
    choose
    hold_servers
    say "installs ${#chosen[@]} packages: ${chosen[*]}"
    apt install --no-install-recommends "${chosen[@]}"
}

main "$@"
