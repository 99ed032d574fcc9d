#!/bin/sh
# read_back.sh SAMPLES SCRATCH: every image that the program SAMPLES writes is read by zbarimg and says what it must.
set -eu
samples=$1 scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch"
"$samples" "$scratch"
cd "$scratch"
# One process for all: starting is what takes time. It fails if it finds nothing in one of them.
zbarimg --quiet --raw --nodbus -S'*.disable' -S'qrcode.enable' ./*.p[gn][gm] >found || true
if cmp -s expected found; then
    echo "ok: $(wc -l <expected) images say what they must"
    exit 0
fi
n=0
while IFS= read -r line; do
    file=$(printf '%04d' $n)
    n=$((n + 1))
    said=$(zbarimg --quiet --raw --nodbus -S'*.disable' -S'qrcode.enable' ./"$file".p* || true)
    [ "$said" = "$line" ] || echo "not ok: $file: \"$said\" instead of \"$line\""
done <expected
exit 1
