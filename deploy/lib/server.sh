# khopd of one installation: its user, keys, configuration, start and stop. Sourced by deploy/up.
# shellcheck shell=bash

random_hex() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; echo; }

# Sets runner, the user that khopd runs as: as root a system user of its own, else whoever called.
runner_choose() {
    runner=$(id -un)
    [ "$(id -u)" = 0 ] || return 0
    if ! getent passwd khop >/dev/null; then
        useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin khop ||
            fail "the system user khop could not be made"
    fi
    runner=khop
}

# keys_make: 32 random bytes each, never overwritten; deploy/OPERATING.md says what each is for.
keys_make() {
    local name
    mkdir -p "$home/keys"
    for name in receipt.key field.key session.key pepper.key totp.key; do
        [ -s "$home/keys/$name" ] && continue
        [ "$name" != pepper.key ] || [ -z "$(ls "$home"/keys/pepper-*.key 2>/dev/null)" ] || continue # a later one has replaced it
        (umask 077 && head -c 32 /dev/urandom >"$home/keys/$name.new" && mv "$home/keys/$name.new" "$home/keys/$name")
        say "  made $home/keys/$name: keep a copy of it in a safe place"
    done
    chmod 0700 "$home/keys"
    chmod 0600 "$home/keys"/*.key
    [ "$(id -u)" != 0 ] || chown -R "$runner": "$home/keys"
}

# A file appears whole or not at all, readable by its owner only.
write_private() { (umask 077 && cat >"$1.new" && mv "$1.new" "$1"); }

config_write() {
    local url=http://127.0.0.1:$port
    {
        echo "# Written by deploy/up at every start."
        echo "database = $(conninfo khop_serve)"
        echo "jobs_database = $(conninfo khop_jobs)"
        echo "listen = 127.0.0.1:$port"
        echo "origin = $url"
        echo "keys_dir = $home/keys"
        echo "workers = $workers"
        [ "$(id -u)" != 0 ] || echo "user = $runner"
        echo "per_address = 0" # everybody who calls comes from 127.0.0.1
        echo "log_level = info"
        [ "$demo" != yes ] || echo "second_factor = offered" # KHOP_LOGIN has a name and a password only
    } | write_private "$home/khopd.conf"
}

# khopd_pid: prints the process id when the one of the pid file lives and is a khopd.
khopd_pid() {
    local pid
    pid=$(cat "$home/khopd.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = khopd ] && echo "$pid"
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

# Starts khopd in a session of its own (so that Ctrl-C reaches this script first) and waits until it can settle. It keeps
# descriptor 9, the lock of deploy/up: as long as it lives no second start touches this home.
khopd_start() {
    local tries pid
    ! port_taken || fail "something else listens on 127.0.0.1:$port" "take another port with --port, or stop that program"
    setsid "$bin/khopd" --config "$home/khopd.conf" </dev/null >>"$home/khopd.log" 2>&1 &
    pid=$!
    echo $pid >"$home/khopd.pid"
    for ((tries = 0; tries < 300; tries++)); do
        kill -0 $pid 2>/dev/null || { tail -15 "$home/khopd.log" >&2; rm -f "$home/khopd.pid"; fail "khopd ended at once" "see $home/khopd.log"; }
        [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 2 "http://127.0.0.1:$port/readyz")" != 200 ] || return 0
        sleep 0.1
    done
    tail -15 "$home/khopd.log" >&2
    khopd_stop
    fail "khopd was not ready to settle within 30 seconds" "see $home/khopd.log, and: curl -i http://127.0.0.1:$port/readyz"
}

# First a request to drain, after 20 seconds the end: nothing can be lost by it, what was answered is in the database.
khopd_stop() {
    local pid tries
    pid=$(khopd_pid) || { rm -f "$home/khopd.pid"; return 0; }
    say "Stopping khopd"
    kill -TERM "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 200; tries++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    rm -f "$home/khopd.pid"
}
