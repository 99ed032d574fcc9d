# Words and small tools shared by deploy/up and tests/run. Sourced, never run.
# shellcheck shell=bash

# say SENTENCE: progress, on standard error so that a command's own output stays clean.
say() { printf '%s\n' "$*" >&2; }

# fail WHAT [WHAT TO DO]: ends the script.
fail() {
    printf '\n%s: %s\n' "${0##*/}" "$1" >&2
    [ $# -lt 2 ] || printf '  %s\n' "$2" >&2
    exit 1
}

# as_root COMMAND…: directly as root, else through sudo (which asks only where there is a terminal to ask on).
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        fail "installing packages needs root, and sudo is not here" "run this as root once, or install the packages of deploy/packages yourself and use --no-install"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# package_names FILE…: the names in package lists, without comments.
package_names() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

# packages_missing FILE…: those of the lists that are not installed.
packages_missing() {
    local name
    package_names "$@" | while read -r name; do
        case $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) in
        installed) ;;
        *) printf '%s\n' "$name" ;;
        esac
    done
}

# packages_add NAME…: installs them. PostgreSQL's package would also make and start a cluster on port 5432, which nobody
# here uses, so that is turned off while it is being installed.
packages_add() {
    local hold=/etc/postgresql-common/createcluster.d/khop-no-cluster.conf log status=0
    say "Installing ${#} packages: $*"
    log=$(mktemp)
    if ! dpkg-query -W postgresql-15 >/dev/null 2>&1; then
        as_root mkdir -p "${hold%/*}"
        echo 'create_main_cluster = false' | as_root tee "$hold" >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" >>"$log" 2>&1 || status=$?
    [ ! -e "$hold" ] || as_root rm -f "$hold"
    if [ $status != 0 ]; then
        tail -25 "$log" >&2
        rm -f "$log"
        fail "the packages could not be installed (apt-get ended with $status)" "look at the lines above; is this Debian 12 with its package sources reachable?"
    fi
    rm -f "$log"
}

# packages_install FILE…: whatever is missing of the lists; quick when nothing is.
packages_install() {
    local missing
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} = 0 ] || packages_add "${missing[@]}"
}

# build_preset NAME [TARGET…]: configures, then builds what changed; shows the end of the log when it fails.
build_preset() {
    local preset=$1 log
    shift
    mkdir -p build
    log=build/$preset.log
    cmake --preset "$preset" >"$log" 2>&1 && cmake --build --preset "$preset" ${1:+--target "$@"} >>"$log" 2>&1 ||
        { tail -40 "$log" >&2; return 1; }
}
