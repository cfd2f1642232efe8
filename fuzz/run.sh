#!/usr/bin/env bash
# Runs the fuzz targets of a build, each for some seconds, from the tests' own samples:
#   fuzz/run.sh BUILD SECONDS [TARGET...]      such as: fuzz/run.sh build/fuzz 60 json xml
# What is found new is kept in BUILD/fuzz/corpus/TARGET, what breaks in BUILD/fuzz/found/TARGET-*.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
build=$(readlink -f "$1")
seconds=$2
shift 2
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(find "$build/fuzz" -maxdepth 1 -type f -name 'fuzz_*' -executable -printf '%f\n' |
    sed 's/^fuzz_//' | sort)
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT

# each line of the input becomes a file of the folder
lines_to_files() {
    mkdir -p "$1"
    awk -v folder="$1" '{ name = folder "/" NR; printf "%s", $0 > name; close(name) }'
}

# strings_of NAME FILE...: the texts under that name in JSON files, their escapes undone as far as seeds need
strings_of() {
    local name=$1
    shift
    sed -nE 's/.*"'"$name"'": *\[?"(.*)"\]?,?$/\1/p' "$@" | sed 's/\\"/"/g; s/\\\\/\\/g'
}

# the folders with seeds of a target
seeds_of() {
    local data=$root/tests/data
    case $1 in
        json) echo "$data/json-parsing" "$root/mappings/schemas" ;;
        xml | soap) echo "$data/xml-hostile" "$root/mappings/samples" ;;
        yaml) echo "$root/config" "$root/mappings" ;;
        mapping) echo "$data/mapping" "$data/mapping-codes" "$root/mappings" ;;
        fixed | gb18030) echo "$data/mapping/samples" "$root/mappings/samples" ;;
        http_signature) echo "$data/rfc9421/messages" ;;
        path) strings_of selector "$data/jsonpath/cts.json" | lines_to_files "$seeds/$1" && echo "$seeds/$1" ;;
        structured_field) strings_of raw "$data"/structured-fields/*.json | lines_to_files "$seeds/$1" && echo "$seeds/$1" ;;
        jws) strings_of compact "$data"/jose/jws/*.json | lines_to_files "$seeds/$1" && echo "$seeds/$1" ;;
        draft) echo "$data/drafts" "$data/mapping/samples" "$root/mappings/samples" ;;
        expr | mapping_path | cells) echo "$root/fuzz/seeds/$1" ;;
        *) echo "no target '$1'" >&2 && return 1 ;;
    esac
}

bad=0
mkdir -p "$build/fuzz/found"
for target in "${targets[@]}"; do
    folders=$(seeds_of "$target")
    mkdir -p "$build/fuzz/corpus/$target"
    log=$build/fuzz/found/$target.log
    # shellcheck disable=SC2086 # several folders
    if "$build/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -artifact_prefix="$build/fuzz/found/$target-" "$build/fuzz/corpus/$target" $folders >"$log" 2>&1; then
        printf '%-18s %s\n' "$target" "$(grep -E '^Done' "$log")"
    else
        bad=1
        printf '%-18s BROKEN, see %s\n' "$target" "$log"
        grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" || true
    fi
done
exit $bad
