#!/bin/sh
# build.sh DIRECTORY: builds the stand-ins for NVIDIA's driver, its management library and cuDNN there, with the system's
# C compiler. Leaves with 77 where there is none.
set -eu
here=$(dirname "$0")
to=$1
compiler=
for each in cc gcc clang; do
    if command -v "$each" >/dev/null 2>&1; then
        compiler=$each
        break
    fi
done
if [ -z "$compiler" ]; then
    echo "no C compiler (cc, gcc or clang) on PATH" >&2
    exit 77
fi
flags="-shared -fPIC -O2 -Wall -Wextra -Werror"
mkdir -p "$to"
# shellcheck disable=SC2086 # several words
$compiler $flags -o "$to/libcuda.so.1" -Wl,-soname,libcuda.so.1 "$here/cuda.c" -ldl
# JCudnn asks for symbols of this version.
# shellcheck disable=SC2086
$compiler $flags -o "$to/libcudnn.so.9" -Wl,-soname,libcudnn.so.9 -Wl,--version-script="$here/cudnn.map" \
    "$here/cudnn.c" "$to/libcuda.so.1" -lm
# shellcheck disable=SC2086
$compiler $flags -o "$to/libnvidia-ml.so.1" -Wl,-soname,libnvidia-ml.so.1 "$here/../../../../core/src/test/c/nvml.c" -ldl
