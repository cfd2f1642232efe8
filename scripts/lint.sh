#!/usr/bin/env bash
# The rules that no compiler checks: layout, sizes, words, which library stands in which room.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

bad=0
complain() {
    printf '%s\n' "$*"
    bad=1
}

mapfile -t code < <(find core adapters examples tests bench fuzz -type f \( -name '*.cpp' -o -name '*.h' \) 2>/dev/null | sort)

check_layout() {
    local tool
    for tool in clang-format-19 clang-format-18 clang-format; do
        command -v "$tool" >/dev/null && break
    done
    "$tool" --dry-run --Werror "${code[@]}" || complain "layout: run $tool -i on the files above"
}

check_sizes() {
    local file lines folder headers
    for file in "${code[@]}"; do
        lines=$(wc -l <"$file")
        [ "$lines" -le 400 ] || complain "$file: $lines lines; 400 are the most"
    done
    for folder in core/*/ adapters/*/; do
        headers=$(find "$folder" -maxdepth 1 -name '*.h' | wc -l)
        [ "$headers" -le 12 ] || complain "$folder: $headers headers; 12 are the most"
        [ -z "$(find "$folder" -mindepth 2 -maxdepth 2 -name '*.cpp' -path 'core/*')" ] || complain "$folder: a room has no folders"
    done
}

# complain_about PATTERN WHY FILE...
complain_about() {
    local pattern=$1 why=$2 found
    shift 2
    [ $# -gt 0 ] || return 0
    found=$(grep -nHE -- "$pattern" "$@" || true)
    [ -z "$found" ] || complain "$found"$'\n'"  ^ $why"
}

check_words() {
    local -a texts
    mapfile -t texts < <(find core adapters examples tests bench fuzz cmake docs config mappings scripts -type f \
        ! -path '*/data/*' ! -name lint.sh 2>/dev/null)
    complain_about '\b(TODO|FIXME|HACK)\b' 'unfinished work belongs in an issue' "${code[@]}"
    complain_about '(^|[^A-Za-z0-9_.])/(work|home|tmp/b-)[/-]' 'a path of one machine' "${texts[@]}"
    complain_about 'boost/asio/experimental' 'Boost 1.74 has none of it' "${code[@]}"
    complain_about '[^a-z_]catch \(\.\.\.\) *\{ *\}' 'an exception that nobody sees' "${code[@]}"
    local folder
    while read -r folder; do
        complain "$folder: a home for nothing in particular; name the purpose"
    done < <(find core adapters -type d \( -name util -o -name utils -o -name common -o -name helpers -o -name misc -o -name manager \))
}

# only_in PATTERN FOLDER...: an include that may stand in these folders only.
only_in() {
    local pattern=$1 file folder
    shift
    local -a elsewhere=()
    for file in "${code[@]}"; do
        case $file in tests/* | examples/* | bench/* | fuzz/*) continue ;; esac
        for folder in "$@"; do
            [[ $file == "$folder"/* ]] && continue 2
        done
        elsewhere+=("$file")
    done
    complain_about "^#include <$pattern" "one library, one room: only in $*" "${elsewhere[@]}"
}

check_libraries() {
    only_in 'openssl/' core/crypto core/http adapters/queue # librabbitmq gives its SSL_CTX out
    only_in 'boost/beast' core/http
    only_in 'boost/asio/ssl' core/http
    only_in 'libxml/' core/codec core/wsse core/envelope
    only_in 'rapidjson/' core/codec
    only_in 'yaml-cpp/' core/yaml
    only_in 'iconv\.h' core/charset
    only_in 're2/' core/path core/steps
    only_in 'utf8proc' core/steps
    only_in 'sqlite3\.h' core/store core/database
    only_in 'Poco/' core/database core/container
    only_in '(mysql|mysqld_error|errmsg|sql|sqlext)\.h' core/database
    only_in 'cpprest/' examples
    only_in 'libssh2' adapters/file
    only_in 'amqp' adapters/queue
    only_in 'dlfcn\.h' adapters/plugin
    only_in '(spdlog|prometheus)/' core/telemetry
    only_in 'CLI/' core/command_line
    only_in 'zlib\.h' core/evidence core/codec
}

# Poco's format() must be read before <chrono> (core/database/sqlite.cpp), and precompiled headers come before all.
check_poco() {
    local file header
    local -a headers=() own=()
    mapfile -t headers < <(grep -l '#include <Poco/' "${code[@]}" | grep '\.h$')
    mapfile -t own < <(grep -l '#include <Poco/' "${code[@]}" | grep '\.cpp$')
    for header in "${headers[@]}"; do
        mapfile -t -O "${#own[@]}" own < <(grep -l "#include \"$header\"" "${code[@]}" | grep '\.cpp$')
    done
    for file in $(printf '%s\n' "${own[@]}" | sort -u); do
        grep -q "[( ]${file##*/} .*SKIP_PRECOMPILE_HEADERS ON" "${file%/*}/CMakeLists.txt" ||
            complain "$file: reads Poco; its CMakeLists.txt wants SKIP_PRECOMPILE_HEADERS for it (Ubuntu 24.04)"
    done
}

check_scripts() {
    command -v shellcheck >/dev/null || return 0
    local -a scripts
    mapfile -t scripts < <(grep -rlE '^#!.*\b(bash|sh)\b' scripts .ci examples bench 2>/dev/null)
    shellcheck "${scripts[@]}" || complain "scripts: see above"
}

check_layout
check_sizes
check_words
check_libraries
check_poco
check_scripts
[ "$bad" -eq 0 ] && echo "lint: ${#code[@]} files, nothing to say"
exit "$bad"
