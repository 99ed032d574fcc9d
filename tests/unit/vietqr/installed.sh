#!/bin/sh
# installed.sh BUILD CONSUMER SCRATCH: installs libvietqr from BUILD, moves it, and builds CONSUMER against it in every
# way that is promised: pkg-config (shared and static), CMake (both targets), and as a header for C++.
set -eu
build=$1 consumer=$2 scratch=$3
expected='0.1.0 Agribank 00020101021238570010A00000072701270006970405011379001234500110208QRIBFTTA530370454061800005802VN62130809SB7M4QX2K63040456'

check() {
    found=$("$@")
    [ "$found" = "$expected" ] || { echo "not ok: $*: $found"; exit 1; }
    echo "ok: $*"
}

rm -rf "$scratch"
mkdir -p "$scratch"
cmake --install "$build" --component vietqr --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved" # nothing may depend on where it was installed
prefix=$scratch/moved
pc=$(find "$prefix" -name vietqr.pc)
lib=$(dirname "$(dirname "$pc")")
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH

# shellcheck disable=SC2046 # the flags are words
cc -Wall -Werror "$consumer/consumer.c" -o "$scratch/shared" $(pkg-config --cflags --libs vietqr)
LD_LIBRARY_PATH=$lib check "$scratch/shared"
# shellcheck disable=SC2046
cc -Wall -Werror "$consumer/consumer.c" -o "$scratch/static" $(pkg-config --cflags vietqr) "$lib/libvietqr.a"
check "$scratch/static"
[ "$(pkg-config --modversion vietqr)" = 0.1.0 ]

cmake -G Ninja -S "$consumer" -B "$scratch/cmake" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$scratch/cmake" >/dev/null
check "$scratch/cmake/consumer_vietqr"
check "$scratch/cmake/consumer_vietqr_static"

# Only the documented functions leave the library, it needs nothing but libc, and it has its manual page.
nm -D --defined-only "$lib/libvietqr.so.0" | awk '{ print $3 }' | sort >"$scratch/exported"
grep -o 'vietqr_[a-z_]*(' "$prefix/include/vietqr.h" | tr -d '(' | sort -u | while read -r name; do
    grep -q "VIETQR_API.*[ *]$name(" "$prefix/include/vietqr.h" && echo "$name"
done | sort -u >"$scratch/documented"
diff "$scratch/exported" "$scratch/documented"
needed=$(readelf -d "$lib/libvietqr.so.0" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
[ "$needed" = libc.so.6 ] || { echo "not ok: it needs $needed"; exit 1; }
test -s "$prefix/share/man/man3/vietqr.3"

if command -v c++ >/dev/null; then
    printf '#include <vietqr.h>\nint main() { vietqr code; vietqr_init(&code); return code.has_amount; }\n' >"$scratch/x.cpp"
    c++ -Wall -Wextra -Werror -pedantic "$scratch/x.cpp" -o "$scratch/cpp" -I"$prefix/include" "$lib/libvietqr.a"
    "$scratch/cpp"
    echo "ok: C++"
fi
