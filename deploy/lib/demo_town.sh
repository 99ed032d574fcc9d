# The rest of the demo: the school's round of fees with pupils and payments, a stall of the market, a month of the commune, a clinic, and
# the people who sign in. Sourced by deploy/up after demo.sh, whose steps remember what is done already.
# shellcheck shell=bash

# call TOKEN METHOD PATH [CURL ARGUMENT…]: the token travels through a file descriptor; the answer's first line that matters, as JSON.
call() {
    local token=$1 method=$2 path=$3
    shift 3
    curl --silent --show-error --fail-with-body --max-time 30 --request "$method" \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") "$@" "$url$path"
}

# post TOKEN PATH KEY JSON: the key makes a step that is taken again find what it did the first time.
post() { call "$1" POST "$2" --header 'Content-Type: application/json' --header "Idempotency-Key: demo-$3" --data "$4"; }

# tell TOKEN PATH: a request that has nothing to say but its address.
tell() { call "$1" POST "$2" --header 'Content-Type:' --data ''; }

# id_in PREFIX DOCUMENT: the first id of that kind.
id_in() { grep -oE "$1_[0-9a-z]{13}" <<<"$2" | head -n 1; }

# job_end TOKEN ID: waits until the job has done what it can; answers with its document.
job_end() {
    local tries document=
    for ((tries = 0; tries < 300; tries++)); do
        document=$(call "$1" GET "/api/v1/jobs/$2") || return 1
        case $(json_field state <<<"$document") in
        done | waiting) echo "$document"; return 0 ;;
        failed | cancelled) break ;;
        esac
        sleep 0.1
    done
    echo "$document" >&2
    return 1
}

# person VARIABLE ORGANISATION LOGIN ROLE NAME: the password is remembered before the user is made with it.
person() {
    [ -n "${!1:-}" ] || remember "$1" "$3:$(random_hex 8)"
    step "$1_ID" id "$bin/khop" user create --database "$owner_db" --keys "$home/keys" --org "$2" --name "$3" --full-name "$5" --role "$4" --password-file - --json <<<"${!1#*:}"
}

# unit VARIABLE NAME KIND CODE SCOPES: an organisation and a token for it.
unit() {
    step "$1" id "$bin/khop" org create --database "$owner_db" --name "$2" --kind "$3" --code "$4" --area 99901 --json
    step "$1_TOKEN" token "$bin/khop" token create --database "$owner_db" --org "${!1}" --scopes "$5" --name demo --json
}

# till VARIABLE TOKEN BANK NUMBER HOLDER: an account, and SePay's notices for it. Variables: VARIABLE, VARIABLE_URL, VARIABLE_KEY.
till() {
    [ -z "$5" ] || step "$1" id post "$2" /api/v1/accounts "$1" "{\"bin\":\"$3\",\"account_no\":\"$4\",\"holder\":\"$5\"}"
    local key=$1_KEY
    [ -n "${!key:-}" ] || remember "$key" "$(random_hex 32)"
    step "$1_URL" url post "$2" /api/v1/connections "$1" "{\"account\":\"${!1}\",\"provider\":\"sepay\",\"mode\":\"apikey\",\"secret\":\"${!key}\"}"
}

# paid ONCE URL KEY NUMBER AMOUNT MEMO [OPTION…]: the bank's notice, once.
paid() {
    local once=$1
    [ -z "${!once:-}" ] || return 0
    "$bin/khop" notice send --provider sepay --mode apikey --url "$url/hooks/${2##*/}" --secret "$3" --account-no "$4" --amount "$5" --memo "$6" "${@:7}" >/dev/null ||
        fail "a notice of the demo was not taken" "see $home/khopd.log"
    remember "$once" yes
}

# area NUMBER KIND NAME [OPTION…]: the same number again changes nothing.
area() {
    "$bin/khop" area create --database "$owner_db" --number "$1" --kind "$2" --name "$3" "${@:4}" >/dev/null || fail "the demo's $3 could not be made"
}

demo_town() {
    area 14 province 'Tỉnh Sơn La'
    area 99901 commune 'Xã Bản Mẫu' --parent 14
    town_school
    town_market
    town_commune
    town_clinic
    town_people
}

town_school() {
    local asked
    person DEMO_PRINCIPAL "$KHOP_DEMO_ORG" hieutruong principal 'Cầm Văn Hiệu'
    person DEMO_ADMIN "$KHOP_DEMO_ORG" quantri administrator 'Quàng Thị Trị'
    person DEMO_AUDITOR "$KHOP_DEMO_ORG" thanhtra auditor 'Đinh Văn Thanh'
    step DEMO_APPROVE token "$bin/khop" token create --database "$owner_db" --org "$KHOP_DEMO_ORG" --scopes read,approve --name demo-principal --json
    step DEMO_PUPILS id call "$KHOP_TOKEN" POST /api/v1/payers/import --header 'Content-Type: text/csv' --header 'Idempotency-Key: demo-pupils' \
        --data-binary @deploy/demo/pupils.csv
    if [ -z "${DEMO_PUPILS_IN:-}" ]; then
        asked=$(job_end "$KHOP_TOKEN" "$DEMO_PUPILS") || fail "the demo's pupils were not read" "see $home/khopd.log"
        [ "$(json_field state <<<"$asked")" = "done" ] || tell "$KHOP_TOKEN" "/api/v1/jobs/$DEMO_PUPILS/confirm" >/dev/null || fail "the demo's pupils were not taken"
        job_end "$KHOP_TOKEN" "$DEMO_PUPILS" >/dev/null || fail "the demo's pupils were not saved"
        remember DEMO_PUPILS_IN yes
    fi
    step DEMO_ROUND id post "$KHOP_TOKEN" /api/v1/rounds round "{\"name\":\"Tiền bán trú tháng 12\",\"month\":\"$(date +%Y-%m)\",\"due_on\":\"$(date -d '+14 days' +%F)\",
        \"account\":\"$KHOP_HOOK_SEPAY_ACCOUNT\",\"items\":[{\"label\":\"Tiền ăn\",\"kind\":\"meal\",\"amount\":540000},{\"label\":\"Nước uống\",\"kind\":\"water\",\"amount\":10000}]}"
    if [ -z "${DEMO_ROUND_OUT:-}" ]; then
        tell "$KHOP_TOKEN" "/api/v1/rounds/$DEMO_ROUND/propose" >/dev/null || fail "the demo's round could not be proposed"
        asked=$(tell "$DEMO_APPROVE" "/api/v1/rounds/$DEMO_ROUND/approve") || fail "the demo's round could not be approved" "it answered: $asked"
        job_end "$KHOP_TOKEN" "$(json_field id <<<"$asked")" >/dev/null || fail "the demo's codes were not issued"
        remember DEMO_ROUND_OUT yes
    fi
    town_fees
}

# One pays as asked, one for two children at once, one too little, one without a code.
town_fees() {
    local list codes
    [ -z "${DEMO_FEES:-}" ] || return 0
    list=$(call "$KHOP_TOKEN" GET "/api/v1/rounds/$DEMO_ROUND/payers?limit=20") || fail "the demo's round could not be read"
    mapfile -t codes < <(grep -oE '"code": *"S[0-9A-Z]{8}"' <<<"$list" | grep -oE 'S[0-9A-Z]{8}')
    [ ${#codes[@]} -ge 4 ] || fail "the demo's round has ${#codes[@]} codes, not one for each pupil"
    fee() { paid "$1" "$KHOP_HOOK_SEPAY_URL" "$KHOP_HOOK_SEPAY_KEY" 00000000101 "$2" "$3"; }
    fee DEMO_FEE_1 550000 "MBVCB.6041.LO THI DOA ck ${codes[0]} tien ban tru"
    fee DEMO_FEE_2 400000 "CA VAN SON nop tien ${codes[1]}"
    fee DEMO_FEE_3 550000 'nop tien ban tru cho con lop 2A'
    remember DEMO_FEES yes
}

town_market() {
    unit DEMO_MARKET 'Chợ Trung tâm Bản Mẫu' market CHOBANMAU read,issue,admin
    person DEMO_BOARD "$DEMO_MARKET" quanlycho administrator 'Vì Văn Chợ'
    person DEMO_SELLER "$DEMO_MARKET" tieuthuong vendor 'Hoàng Thị Hoa'
    if [ -z "${DEMO_STALL_CODE:-}" ]; then
        local stall
        stall=$(call "$DEMO_MARKET_TOKEN" GET /api/v1/stalls) || fail "the demo's stalls could not be read"
        [[ $stall == *stl_* ]] || stall=$(post "$DEMO_MARKET_TOKEN" /api/v1/stalls stall \
            '{"name":"Rau sạch chị Hoa","place":"Dãy A, số 12","bin":"970405","account_no":"00000000201","holder":"HOANG THI HOA"}') || fail "the demo's stall could not be made" "it answered: $stall"
        post "$DEMO_MARKET_TOKEN" "/api/v1/stalls/$(id_in stl "$stall")/owner" owner "{\"owner\":\"$DEMO_SELLER_ID\"}" >/dev/null ||
            fail "the demo's stall could not be given to its seller"
        remember DEMO_TILL "$(id_in acc "$stall")"
        remember DEMO_STALL_CODE "$(json_field code <<<"$stall")"
    fi
    till DEMO_TILL "$DEMO_MARKET_TOKEN" 970405 00000000201 ''
    paid DEMO_SALE_1 "$DEMO_TILL_URL" "$DEMO_TILL_KEY" 00000000201 35000 "$DEMO_STALL_CODE mua rau"
    paid DEMO_SALE_2 "$DEMO_TILL_URL" "$DEMO_TILL_KEY" 00000000201 120000 "QUANG VAN B $DEMO_STALL_CODE"
}

town_commune() {
    unit DEMO_COMMUNE 'UBND xã Bản Mẫu' commune XABANMAU read,issue,accountant,admin,pay_make
    step DEMO_CHECK token "$bin/khop" token create --database "$owner_db" --org "$DEMO_COMMUNE" --scopes read,pay_check --name demo-checker --json
    person DEMO_MAKER "$DEMO_COMMUNE" lapdanhsach commune_maker 'Lường Thị Lập'
    person DEMO_CHECKER "$DEMO_COMMUNE" kiemtra commune_checker 'Tòng Văn Kiểm'
    till DEMO_PURSE "$DEMO_COMMUNE_TOKEN" 970405 00000000301 'UBND XA BAN MAU'
    step DEMO_LIST id post "$DEMO_COMMUNE_TOKEN" /api/v1/payouts list "{\"account\":\"$DEMO_PURSE\",\"name\":\"Trợ cấp xã hội\",\"month\":\"$(date +%Y-%m)\",\"pay_by\":\"$(date +%Y-%m)-25\",\"lines\":[
        {\"name\":\"Lò Thị Ỏm\",\"birth_on\":\"1941\",\"amount\":500000,\"bank\":\"970405\",\"account_no\":\"7900000000311\"},
        {\"name\":\"Cà Văn Hặc\",\"birth_on\":\"1938\",\"amount\":500000,\"bank\":\"970436\",\"account_no\":\"7900000000312\"},
        {\"name\":\"Quàng Thị Ín\",\"birth_on\":\"1944\",\"amount\":1000000,\"bank\":\"970418\",\"account_no\":\"7900000000313\"}]}"
    if [ -z "${DEMO_LIST_OUT:-}" ]; then
        local asked
        tell "$DEMO_COMMUNE_TOKEN" "/api/v1/payouts/$DEMO_LIST/submit" >/dev/null || fail "the demo's payout list could not be submitted"
        asked=$(tell "$DEMO_CHECK" "/api/v1/payouts/$DEMO_LIST/approve") || fail "the demo's payout list could not be approved" "it answered: $asked"
        job_end "$DEMO_COMMUNE_TOKEN" "$(json_field job <<<"$asked")" >/dev/null || fail "the demo's payout codes were not issued"
        remember DEMO_LIST_OUT yes
    fi
    if [ -z "${DEMO_PAID_OUT:-}" ]; then
        asked=$(call "$DEMO_COMMUNE_TOKEN" GET "/api/v1/payouts/$DEMO_LIST/lines?limit=1") || fail "the demo's payout list could not be read"
        paid DEMO_PAID_OUT "$DEMO_PURSE_URL" "$DEMO_PURSE_KEY" 00000000301 500000 "CHI TRA $(json_field code <<<"$asked") tro cap" --direction out
    fi
}

town_clinic() {
    unit DEMO_CLINIC 'Trạm Y tế xã Bản Mẫu' clinic TYTBANMAU read,issue,accountant,admin
    person DEMO_NURSE "$DEMO_CLINIC" tramyte accountant 'Mùa Thị Y'
    till DEMO_DESK "$DEMO_CLINIC_TOKEN" 970405 00000000401 'TRAM Y TE XA BAN MAU'
    step DEMO_VISIT code post "$DEMO_CLINIC_TOKEN" /api/v1/codes visit "{\"account\":\"$DEMO_DESK\",\"kind\":\"service\",\"amount\":45000,\"label\":\"Khám bệnh\"}"
    paid DEMO_VISIT_PAID "$DEMO_DESK_URL" "$DEMO_DESK_KEY" 00000000401 45000 "$DEMO_VISIT kham benh"
}

# Who signs in, with what: for whoever started the demo alone.
town_people() {
    local line
    {
        echo "# People of the demo: sign in at $url/login"
        while read -r line; do
            printf '%-14s %-24s %s\n' "${!line%%:*}" "${!line#*:}" "$(person_does "$line")"
        done <<<"KHOP_LOGIN
DEMO_PRINCIPAL
DEMO_ADMIN
DEMO_AUDITOR
DEMO_BOARD
DEMO_SELLER
DEMO_MAKER
DEMO_CHECKER
DEMO_NURSE"
    } | write_private "$home/people.txt"
    [ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID" "$home/people.txt"
}

person_does() {
    case $1 in
    KHOP_LOGIN) echo "school, accountant: rounds, exceptions, statements, the close of a day" ;;
    DEMO_PRINCIPAL) echo "school, principal: approves rounds and refunds" ;;
    DEMO_ADMIN) echo "school, administrator: people, accounts, connections" ;;
    DEMO_AUDITOR) echo "school, auditor: reads everything" ;;
    DEMO_BOARD) echo "market, administrator: stalls and sellers, no takings" ;;
    DEMO_SELLER) echo "market, seller: the keypad and what came" ;;
    DEMO_MAKER) echo "commune, makes the list of the month" ;;
    DEMO_CHECKER) echo "commune, checks and approves it" ;;
    DEMO_NURSE) echo "clinic, accountant" ;;
    esac
}

people_say() {
    local login password does
    [ -s "$home/people.txt" ] || return 0
    while read -r login password does; do
        [ "$login" = '#' ] || say "$(printf '             %-11s %-18s %s' "$login" "$password" "$does")"
    done <"$home/people.txt"
    say "             (again in $home/people.txt)"
}
