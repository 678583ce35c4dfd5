# Finds a JDK (javac, not only java) of version 21 or newer. POSIX sh, to be sourced.
#
#   require_jdk NAME   sets and exports JAVA_HOME and sets JDK_MAJOR,
#                      or prints one sentence that begins with NAME and exits 3.
#
# JAVA_HOME and PATH are the user's choice and come first; among the JDKs that
# merely lie about (/usr/lib/jvm, SDKMAN, macOS) the newest wins.

JDK_OLDEST=21

# jdk_major HOME: prints the major version of the JDK in HOME; fails if there is none.
jdk_major() {
    [ -n "$1" ] && [ -x "$1/bin/javac" ] && [ -x "$1/bin/java" ] || return 1
    jdk_version=
    if [ -r "$1/release" ]; then
        jdk_version=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$1/release")
    fi
    if [ -z "$jdk_version" ]; then
        jdk_version=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac //p')
    fi
    jdk_version=${jdk_version#1.}
    jdk_version=${jdk_version%%[!0-9]*}
    [ -n "$jdk_version" ] || return 1
    echo "$jdk_version"
}

# take_jdk HOME: takes this JDK if it is new enough.
take_jdk() {
    jdk_found=$(jdk_major "$1") || return 1
    [ "$jdk_found" -ge "$JDK_OLDEST" ] || return 1
    JAVA_HOME=$1
    JDK_MAJOR=$jdk_found
}

# find_jdk: sets JAVA_HOME and JDK_MAJOR, or fails.
find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && take_jdk "$JAVA_HOME"; then
        return 0
    fi
    jdk_javac=$(command -v javac 2>/dev/null) || jdk_javac=
    if [ -n "$jdk_javac" ]; then
        jdk_javac=$(readlink -f "$jdk_javac" 2>/dev/null || echo "$jdk_javac")
        if take_jdk "$(dirname "$(dirname "$jdk_javac")")"; then
            return 0
        fi
    fi
    jdk_macos=$(/usr/libexec/java_home -v "$JDK_OLDEST+" 2>/dev/null) || jdk_macos=
    jdk_best=
    jdk_best_major=0
    for jdk_home in /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* "$jdk_macos"; do
        jdk_found=$(jdk_major "$jdk_home") || continue
        if [ "$jdk_found" -gt "$jdk_best_major" ]; then
            jdk_best=$jdk_home
            jdk_best_major=$jdk_found
        fi
    done
    [ -n "$jdk_best" ] && take_jdk "$jdk_best"
}

require_jdk() {
    if ! find_jdk; then
        echo "$1: no JDK $JDK_OLDEST or newer was found in JAVA_HOME, PATH, /usr/lib/jvm or SDKMAN: install one, or set JAVA_HOME to it." >&2
        exit 3
    fi
    export JAVA_HOME
}
