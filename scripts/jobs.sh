#!/usr/bin/env bash
# Prints how many compilers may run at once: one a core, and one for every 2 GB of memory.
set -euo pipefail

kilobytes=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max) # of a container
if [ "$limit" != max ] && [ $((limit / 1024)) -lt "$kilobytes" ]; then
    kilobytes=$((limit / 1024))
fi
jobs=$((kilobytes / (2 * 1024 * 1024)))
cores=$(nproc)
[ "$jobs" -le "$cores" ] || jobs=$cores
[ "$jobs" -ge 1 ] || jobs=1
echo "$jobs"
