# The demo: one school, an account and a connection for each kind of bank notice, and the main job shown once.
# Sourced by deploy/up. Every step that succeeded is remembered in $home/demo.part, so that a start that was interrupted
# goes on where it stopped; the finished file appears as $home/demo.env in one piece.
# shellcheck shell=bash

# json_field NAME: the string or number of that name in a one-line document on standard input.
json_field() { sed -nE 's/.*"'"$1"'" *: *("([^"]*)"|(-?[0-9]+)).*/\2\3/p' | head -n 1; }

remember() {
    printf "%s='%s'\n" "$1" "$2" >>"$home/demo.part"
    printf -v "$1" %s "$2"
}

# step VARIABLE FIELD COMMAND…: unless it is known, the field of the command's answer becomes the variable.
step() {
    local variable=$1 field=$2 answer value
    shift 2
    [ -z "${!variable:-}" ] || return 0
    answer=$("$@") || fail "the demo could not be set up: khop $2 $3 failed" "what it said stands above; see also $home/khopd.log"
    value=$(json_field "$field" <<<"$answer")
    [ -n "$value" ] || fail "the demo could not be set up: khop $2 $3 gave no \"$field\"" "it answered: $answer"
    remember "$variable" "$value"
}

# Connections of the demo: name, provider, mode, BIN, number. The numbers are no accounts anybody has.
demo_connections="
SEPAY       sepay             apikey   970405  00000000101
SEPAY_HMAC  sepay             hmac     970436  00000000102
CASSO1      casso             v1       970418  00000000103
CASSO       casso             v2       970415  00000000104
PAYOS       payos             webhook  970422  00000000105
VIETQRVN    vietqrvn          token    970407  00000000106
STANDARD    standardwebhooks  hmac     970409  00000000107"

demo_holder='TRUONG TIEU HOC BAN MAU'

demo_secret() {
    case $1 in
    VIETQRVN) echo "khop-demo:$(random_hex 16)" ;;
    STANDARD) echo "whsec_$(head -c 32 /dev/urandom | base64 -w 0)" ;;
    *) random_hex 32 ;;
    esac
}

# The token travels through the environment: no process list shows it.
as_admin() { KHOP_URL=$url KHOP_TOKEN=$KHOP_ADMIN_TOKEN "$bin/khop" "$@"; }

demo_connection() {
    local name=$1 provider=$2 mode=$3 bank=$4 number=$5 key=KHOP_HOOK_$1_KEY account=KHOP_HOOK_$1_ACCOUNT
    step "$account" id as_admin account create --bin "$bank" --account-no "$number" --holder "$demo_holder" --json
    [ -n "${!key:-}" ] || remember "$key" "$(demo_secret "$name")"
    step "KHOP_HOOK_$1_URL" url as_admin connection create --account "${!account}" --provider "$provider" --mode "$mode" --secret "${!key}" --json
    printf -v "KHOP_HOOK_$1_ACCOUNT_NO" %s "$number"
}

# Makes the demo unless there is one, and takes its names into this shell. At another port than last time its addresses
# move along, everything else stays.
demo_load() {
    [ -s "$home/demo.env" ] || demo_make
    # shellcheck source=/dev/null
    . "$home/demo.env"
    [ "$KHOP_URL" != "$url" ] || return 0
    demo_env_write
    # shellcheck source=/dev/null
    . "$home/demo.env"
}

demo_make() {
    local name provider mode bank number
    say "Loading the demo school"
    # shellcheck source=/dev/null
    if [ -s "$home/demo.part" ]; then . "$home/demo.part"; else : | write_private "$home/demo.part"; fi
    step KHOP_DEMO_ORG id "$bin/khop" org create --database "$owner_db" --name 'Trường Tiểu học Bản Mẫu' --kind school --code BANMAU --json
    step KHOP_ADMIN_TOKEN token "$bin/khop" token create --database "$owner_db" --org "$KHOP_DEMO_ORG" --scopes read,issue,accountant,admin --name demo-admin --json
    step KHOP_TOKEN token "$bin/khop" token create --database "$owner_db" --org "$KHOP_DEMO_ORG" --scopes read,issue,accountant --name demo-accountant --json
    while read -r name provider mode bank number; do
        [ -n "$name" ] || continue
        demo_connection "$name" "$provider" "$mode" "$bank" "$number"
        [ "$name" != SEPAY ] || KHOP_BANK_BIN=$bank
    done <<<"$demo_connections"
    demo_login
    demo_town
    demo_env_write
}

# The accountant signs in with a name and a password: second_factor is "offered" in a demo. The password is remembered before the
# user is made with it, so that a start that was interrupted between the two goes on well.
demo_login() {
    [ -n "${KHOP_LOGIN:-}" ] || remember KHOP_LOGIN "ketoan:$(random_hex 12)"
    step KHOP_DEMO_USER id "$bin/khop" user create --database "$owner_db" --keys "$home/keys" --org "$KHOP_DEMO_ORG" --name "${KHOP_LOGIN%%:*}" \
        --full-name 'Lò Thị Kế' --role accountant --password-file - --json <<<"${KHOP_LOGIN#*:}"
}

demo_env_write() {
    {
        echo "# Made by deploy/up for the demo. Shell: set -a; . demo.env"
        env_line KHOP_URL "$url"
        env_line KHOP_TOKEN "$KHOP_TOKEN"
        env_line KHOP_ADMIN_TOKEN "$KHOP_ADMIN_TOKEN"
        env_line KHOP_ACCOUNT "$KHOP_HOOK_SEPAY_ACCOUNT"
        env_line KHOP_ACCOUNT_NO "$KHOP_HOOK_SEPAY_ACCOUNT_NO"
        env_line KHOP_BANK_BIN "$KHOP_BANK_BIN"
        env_line KHOP_LOGIN "${KHOP_LOGIN:-}"
        env_line KHOP_AUDIT_DB "$(conninfo khop_audit)"
        local name rest part variable
        while read -r name rest; do
            [ -n "$name" ] || continue
            variable=KHOP_HOOK_${name}_URL
            printf -v "$variable" %s "$url/hooks/${!variable##*/}"
            for part in URL KEY ACCOUNT ACCOUNT_NO; do
                variable=KHOP_HOOK_${name}_$part
                env_line "$variable" "${!variable}"
            done
        done <<<"$demo_connections"
    } | write_private "$home/demo.env"
    rm -f "$home/demo.part"
    [ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID" "$home/demo.env"
}

env_line() { printf "%s='%s'\n" "$1" "${2//\'/\'\\\'\'}"; }

# api METHOD PATH [CURL ARGUMENT…]: as the demo accountant; the token travels through a file descriptor.
api() {
    local method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --max-time 15 --request "$method" --config <(printf 'header = "Authorization: Bearer %s"\n' "$KHOP_TOKEN") "$@" "$KHOP_URL$path"
}

# The main job, as one would do it by hand: issue, pay, look at the books, check the receipt without the server.
demo_show() {
    local code payload amount=180000 document outcome jws tries broken
    say ""
    say "1. The school asks for 180.000 đ (POST /api/v1/codes)"
    document=$(api POST /api/v1/codes --header 'Content-Type: application/json' --header "Idempotency-Key: demo-$(random_hex 8)" \
        --data '{"account":"'"$KHOP_ACCOUNT"'","kind":"fee","amount":180000,"label":"tien an ban tru","payer":{"ref":"HS-001","name":"Lò Thị Mai"}}') ||
        fail "no code could be issued" "it answered: $document"
    code=$(json_field code <<<"$document")
    payload=$(json_field payload <<<"$document")
    pay_url=$(json_field pay_url <<<"$document")
    say "   code $code, pay page $pay_url"
    "$bin/khop" vietqr draw "$payload" >&2 || true
    say "2. The bank tells of a transfer with that code, as SePay would, and tells it twice"
    "$bin/khop" notice send --provider sepay --mode apikey --url "$KHOP_HOOK_SEPAY_URL" --secret "$KHOP_HOOK_SEPAY_KEY" --account-no "$KHOP_HOOK_SEPAY_ACCOUNT_NO" \
        --amount $amount --memo "LO VAN HAI chuyen tien $code" --duplicate >&2 || fail "the notice was not taken" "see $home/khopd.log"
    for ((tries = 0; tries < 50; tries++)); do
        document=$(api GET "/api/v1/codes/$code") || fail "the code could not be read" "it answered: $document"
        outcome=$(json_field status <<<"$document")
        [ "$outcome" != paid ] || break
        sleep 0.1
    done
    [ "$outcome" = paid ] || fail "the code is \"$outcome\" after its notice, not \"paid\"" "see $home/khopd.log"
    say "   the code is paid, once"
    jws=$(json_field jws_url <<<"$document")
    case $jws in /*) jws=$KHOP_URL$jws ;; esac
    receipt_url=${jws%.jws}
    say "3. The books, read as the auditor"
    psql --no-psqlrc --quiet --pset=footer=off --dbname="$KHOP_AUDIT_DB" --command="select seq, code, amount, outcome, receipt_no from audit.bank_event where code = '$code'" >&2
    broken=$(psql --no-psqlrc --quiet --no-align --tuples-only --dbname="$KHOP_AUDIT_DB" --command='select * from audit.invariants()') || fail "the invariants could not be read"
    [ -z "$broken" ] || fail "the books do not hold: $broken" "this must never happen; keep $home as it is and report it"
    say "   every invariant of the books holds"
    say "4. The receipt, checked without the server"
    curl --silent --fail --max-time 15 "$jws" >"$home/demo-receipt.jws" || fail "the receipt $jws could not be fetched"
    curl --silent --fail --max-time 15 "$KHOP_URL/.well-known/jwks.json" >"$home/demo-jwks.json" || fail "the public keys could not be fetched"
    "$bin/khop" verify "$home/demo-receipt.jws" --jwks "$home/demo-jwks.json" >&2 || fail "the receipt does not verify" "files: $home/demo-receipt.jws and demo-jwks.json"
}
