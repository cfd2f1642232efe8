#!/usr/bin/env bash
# clang-tidy over the files that were compiled into a build folder: tidy.sh BUILD-FOLDER [REGEX]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

for version in 21 20 19 18 17; do
    tool=run-clang-tidy-$version
    if command -v "$tool" >/dev/null; then
        exec "$tool" -quiet -p "$1" -clang-tidy-binary "clang-tidy-$version" -j "$(scripts/jobs.sh)" \
            "${2:-$PWD/(core|adapters|examples)/.*\.cpp}"
    fi
done
echo "tidy: no clang-tidy from 17 to 21 is installed (make lint installs one)" >&2
exit 69
