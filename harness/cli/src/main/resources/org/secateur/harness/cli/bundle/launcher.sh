#!/bin/sh
# Starts Secateur from the unpacked bundle around this file; its arguments are
# the program's. Only what the shell itself can do: nothing else need be here.
set -u

fail() {
    printf 'secateur: %s\n' "$1" >&2
    exit 3
}

# The dynamic linker of the platform that the runtime is for.
[ -e /lib64/ld-linux-x86-64.so.2 ] || fail "this bundle is for Linux on x86-64 with the GNU C library only."

case $0 in
    */*) home=${0%/*} ;;
    *) home=. ;;
esac
java=$home/runtime/bin/java
[ -x "$java" ] || fail "$java is not there: start the file in the unpacked bundle itself, not a copy of it or a link to it."

# As in an installation: nothing beside the program runs or writes.
exec "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:-UsePerfData \
    -Djava.awt.headless=true -Dsecateur.commit=@COMMIT@ -cp "$home/lib/*" org.secateur.harness.cli.Main "$@"
