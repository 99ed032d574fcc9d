# The private PostgreSQL cluster of one installation. Sourced by deploy/up; needs common.sh, $home and $runner.
# shellcheck shell=bash
#
# Unix socket only. Who connects is who the kernel says he is (peer), mapped in pg_ident.conf: the user that owns the
# server and the one that runs deploy/up may be the owner role, khopd's user may be the roles that serve, nobody else
# gets in. So the socket's folder may be entered by everybody, and no password exists.
#
# As root the server runs as the user postgres, which must be able to reach its folder. Where $home lies below a folder
# that is closed to others, the cluster goes to /var/tmp/khop-<hash of home>, and deploy/up says so.

socket_max=90 # 107 bytes of a socket's address less "/.s.PGSQL.5432"

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec runuser -u postgres -- "$@")
    else
        (cd / && exec "$@")
    fi
}

cluster_user() { if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi; }

# own_folder DIR MODE: makes it for the server's user; refuses one that belongs to somebody else or is a link.
own_folder() {
    local owner
    if mkdir "$1" 2>/dev/null; then
        [ "$(id -u)" != 0 ] || chown postgres: "$1"
    fi
    owner=$(stat -c %U "$1")
    [ -d "$1" ] && [ ! -L "$1" ] && [ "$owner" = "$(cluster_user)" ] ||
        fail "$1 is not a folder of $(cluster_user)" "move it away and start again"
    chmod "$2" "$1"
}

home_hash() { printf %s "$home" | sha256sum | cut -c1-12; }

# Sets cluster (folder), socket (folder) and pg_bin; remembers the folder, since whether postgres can reach $home may change.
cluster_place() {
    for pg_bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin ""; do
        [ ! -x "$pg_bin/initdb" ] || break
    done
    [ -n "$pg_bin" ] || fail "there is no PostgreSQL server on this machine" "install the package postgresql-15, or run without --no-install"
    if [ -s "$home/cluster" ]; then
        cluster=$(cat "$home/cluster")
    elif as_postgres test -x "$home"; then
        cluster=$home/pg
    else
        cluster=/var/tmp/khop-$(home_hash)
        say "  The user postgres cannot enter $home, so the database goes to $cluster"
    fi
    socket=$cluster/run
    # A path that is long, or would need quoting in connection strings and settings, gets a plain one.
    { [ ${#socket} -le $socket_max ] && [[ $socket =~ ^[A-Za-z0-9/._+-]+$ ]]; } || socket=/tmp/khop-$(home_hash)
}

# Sizes for a small machine: an eighth of the memory for the shared cache, 64 MiB to 1 GiB.
cluster_settings() {
    local memory
    memory=$(awk '/^MemTotal/ { m = int($2 / 8192); print (m < 64 ? 64 : (m > 1024 ? 1024 : m)) }' /proc/meminfo)
    cat <<EOF
# Written by deploy/up; read after postgresql.conf. Your own changes belong in a file of conf.d that sorts after this one.
listen_addresses = ''
unix_socket_directories = '$socket'
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = '${memory}MB'
maintenance_work_mem = '64MB'
max_wal_size = '1GB'
checkpoint_timeout = '15min'
wal_compression = on
synchronous_commit = on
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
log_lock_waits = on
idle_in_transaction_session_timeout = '10s'
EOF
}

# pg_ident.conf: system user → database user. Roles that do not exist yet do no harm.
cluster_ident() {
    local owner=$1 user role
    echo "# Written by deploy/up at every start."
    for user in $(printf '%s\n' root "$owner" "$(id -un)" "${SUDO_USER:-}" | sort -u); do
        for role in postgres khop_serve khop_jobs khop_audit; do
            # Whoever used sudo may read the audit views as himself, no more.
            [ "$user" != "${SUDO_USER:-}" ] || [ "$user" = "$(id -un)" ] || [ $role = khop_audit ] || continue
            echo "khop $user $role"
        done
    done
    [ "$runner" = "$(id -un)" ] || printf 'khop %s %s\n' "$runner" khop_serve "$runner" khop_jobs
}

cluster_make() {
    say "Making a PostgreSQL cluster in $cluster"
    as_postgres "$pg_bin/initdb" --pgdata="$cluster/data" --username=postgres --auth=peer --encoding=UTF8 --locale=C.UTF-8 \
        --data-checksums --no-instructions >"$home/initdb.log" 2>&1 ||
        { tail -15 "$home/initdb.log" >&2; as_postgres rm -rf "$cluster/data"; fail "initdb failed" "see $home/initdb.log"; }
    as_postgres mkdir -p "$cluster/data/conf.d"
    echo "include_dir = 'conf.d'" | as_postgres tee -a "$cluster/data/postgresql.conf" >/dev/null
    printf '%s\n' "$cluster" >"$home/cluster"
}

cluster_running() { as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" status >/dev/null 2>&1; }

# Makes the cluster if there is none, starts it, makes the database; sets owner_db, a conninfo of the owner role.
cluster_start() {
    cluster_place
    own_folder "$cluster" 0711
    own_folder "$socket" 0755
    as_postgres test -s "$cluster/data/PG_VERSION" || cluster_make
    cluster_settings | as_postgres tee "$cluster/data/conf.d/10-khop.conf" >/dev/null
    echo "local all all peer map=khop" | as_postgres tee "$cluster/data/pg_hba.conf" >/dev/null
    cluster_ident "$(cluster_user)" | as_postgres tee "$cluster/data/pg_ident.conf" >/dev/null
    if cluster_running; then
        as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" reload >/dev/null
    else
        say "Starting PostgreSQL"
        # 9 is the lock of deploy/up: the server must not keep it.
        as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" --log="$cluster/postgresql.log" --silent --wait --timeout=60 start </dev/null >/dev/null 9>&- ||
            { as_postgres tail -15 "$cluster/postgresql.log" >&2; fail "PostgreSQL did not start" "see $cluster/postgresql.log"; }
    fi
    owner_db="host=$socket port=5432 dbname=khop user=postgres"
    psql_owner "host=$socket port=5432 dbname=postgres user=postgres" -c 'select 1' >/dev/null ||
        fail "PostgreSQL runs, but does not let $(id -un) in" "see $cluster/postgresql.log"
    if [ "$(psql_owner "host=$socket port=5432 dbname=postgres user=postgres" -c "select count(*) from pg_database where datname = 'khop'")" = 0 ]; then
        psql_owner "host=$socket port=5432 dbname=postgres user=postgres" -c 'create database khop' >/dev/null
    fi
}

psql_owner() {
    local conninfo=$1
    shift
    PGOPTIONS='' psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --dbname="$conninfo" "$@"
}

cluster_stop() {
    [ -s "$home/cluster" ] || return 0
    cluster_place
    as_postgres test -d "$cluster/data" && cluster_running || return 0
    say "Stopping PostgreSQL"
    as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" --mode=fast --silent --wait --timeout=60 stop >/dev/null ||
        fail "PostgreSQL did not stop within a minute" "see $cluster/postgresql.log"
}

# A database that somebody else runs (KHOP_DATABASE_URL): roles come with a password each, kept in $home/keys and set
# through the owner's connection; conninfos are made of where psql says it is connected.
external_start() {
    owner_db=$KHOP_DATABASE_URL
    psql_owner "$owner_db" -c 'select 1' >/dev/null || fail "KHOP_DATABASE_URL cannot be connected to" "try: psql \"\$KHOP_DATABASE_URL\""
    read -r external_host external_port external_name < <(psql_owner "$owner_db" -c '\echo :HOST :PORT :DBNAME')
}

external_roles() {
    local role
    for role in khop_serve khop_jobs khop_audit; do
        [ -s "$home/keys/$role.password" ] || (umask 077 && random_hex 24 >"$home/keys/$role.password")
        # The password goes in through standard input: no command line and no process list shows it.
        printf "\\\\set word \`cat '%s'\`\nalter role %s password :'word';\n" "$home/keys/$role.password" "$role" | psql_owner "$owner_db" >/dev/null ||
            fail "the password of the role $role could not be set in the database"
    done
}

# conninfo ROLE: how a role connects.
conninfo() {
    if [ -n "${KHOP_DATABASE_URL:-}" ]; then
        local ssl
        ssl=$(sed -nE 's/.*[?&]sslmode=([a-z-]+).*/ sslmode=\1/p' <<<"$KHOP_DATABASE_URL")
        echo "host=$external_host port=$external_port dbname=$external_name user=$1 password=$(cat "$home/keys/$1.password")$ssl"
    else
        echo "host=$socket port=5432 dbname=khop user=$1"
    fi
}
