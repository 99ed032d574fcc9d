/* Every command of khop: name, help, usage, examples. Help, typo suggestions and khop.1 come from here. */
#include "cmd.h"

#include "khop/base/banned.h"

#define API_OPTIONS "  --url URL      the server; or KHOP_URL in the environment\n" \
                    "  --token TOKEN  an API token; or KHOP_TOKEN in the environment\n" \
                    "  --json         the answer as JSON\n"
#define DATABASE_OPTION "  --database CONNINFO  as the schema's owner; or KHOP_DATABASE_URL in the environment\n"

const struct cmd cmd_table[] = {
    { "account", "create", "register a receiving account", "--bin BIN --account-no NUMBER --holder NAME [OPTION…]", API_OPTIONS,
      "  khop account create --bin 970405 --account-no 7900123450011 --holder 'TRUONG TIEU HOC A'\n", cmd_account_create },
    { "account", "list", "show the receiving accounts", "[OPTION…]", API_OPTIONS, "  khop account list\n", cmd_account_list },
    { "area", "create", "name a province, commune or ward", "--number N --kind province|commune|ward --name NAME [--parent N]",
      DATABASE_OPTION "Numbers are the official ones; the same number again changes the name. Communes and wards are under --parent.\n",
      "  khop area create --number 14 --kind province --name 'Sơn La'\n", cmd_area_create },
    { "audit", "copy", "copy the log of audit events to a file, on another machine", "FILE --database CONNINFO [--follow]",
      "  --database CONNINFO  as khop_audit; or KHOP_DATABASE_URL in the environment\n"
      "  --follow       go on: every second what is new\n"
      "FILE gets a JSON line for each event that it has not yet. Each must be linked to the one before by its hash, also to those that were\n"
      "copied long ago: exit 3 when the database tells another story, and nothing of it is written.\n",
      "  khop audit copy /srv/khop-audit.jsonl --database 'host=db.example.vn user=khop_audit dbname=khop' --follow\n", cmd_audit_copy },
    { "audit", "verify", "check copies of the log of audit events, offline", "FILE…",
      "Every event must be linked to the one before, from the first of its organisation; exit 3 if one is not.\n",
      "  khop audit verify /srv/khop-audit.jsonl\n", cmd_audit_verify },
    { "code", "batch", "issue a code for every line of a file", "[--follow] [--key KEY] [OPTION…] FILE",
      "FILE.csv: its first line names the columns, of account, kind, amount, label, payer_ref, payer_name, payer_class, due_on, expires_at.\n"
      "Any other name: JSON lines, each as for POST /api/v1/codes. Nothing is issued when a line is not right.\n"
      "  --follow       wait for the end; exit 1 when the file was refused, and say why\n"
      "  --key KEY      the same key with the same file gives the same job (default: a new one)\n" API_OPTIONS,
      "  khop code batch fees.csv --follow\n", cmd_code_batch },
    { "code", "cancel", "cancel a code on which nothing was paid", "[--reason TEXT] [OPTION…] ID", API_OPTIONS,
      "  khop code cancel cod_0000g40r40m30 --reason 'wrong class'\n", cmd_code_cancel },
    { "code", "create", "issue a payment code", "--account ID --kind KIND [--amount N] [--label TEXT] [OPTION…]",
      "  --kind KIND          fee, stall, service, card or one that was added (khop kind list)\n"
      "  --amount N           đồng; without it the payer types the amount\n"
      "  --label TEXT         goes behind the code in the memo, cut to fit\n"
      "  --payer NAME  --payer-ref REF  --due-on YYYY-MM-DD  --expires-at TIME\n"
      "  --key KEY            the same key with the same request gives the same code (default: a new one)\n"
      "  --qr                 draw the VietQR code\n" API_OPTIONS,
      "  khop code create --account acc_0000g40r40m30 --kind fee --amount 180000 --label 'tien an' --qr\n", cmd_code_create },
    { "code", "find", "find payment codes in a transfer memo", "MEMO | -",
      "Every line (a memo, as the bank gives it) is answered with\n"
      "  {\"codes\":[{\"code\":\"SB7M4QX2C\",\"how\":\"exact\"}]}\n"
      "how: exact, joined (spaces or punctuation stood inside) or repaired (one character wrong, missing, extra or two\n"
      "swapped). A line that cannot be read has no codes and says why: {\"codes\":[],\"error\":\"…\"}.\n",
      "  khop code find 'CK tu NGUYEN VAN A SB7M4QX2C tien an'\n"
      "  khop code find - < memos.txt\n",
      cmd_code_find },
    { "code", "show", "show a code and what was paid on it", "[--qr] [OPTION…] CODE", API_OPTIONS,
      "  khop code show SB7M4QX2C --qr\n", cmd_code_show },
    { "connection", "create", "say where an account's notices come from",
      "--account ID --provider P --mode M --secret S [OPTION…]",
      "Provider and mode: sepay apikey|hmac, casso v1|v2, payos webhook, vietqrvn token, standardwebhooks hmac|ed25519.\n"
      "The answer's url goes into the provider's console.\n" API_OPTIONS,
      "  khop connection create --account acc_0000g40r40m30 --provider sepay --mode hmac --secret \"$SECRET\"\n",
      cmd_connection_create },
    { "connection", "list", "show the connections", "[OPTION…]", API_OPTIONS, "  khop connection list\n", cmd_connection_list },
    { "doctor", NULL, "is everything as it should be?", "[--url URL] [--database CONNINFO] [--keys DIR] [--disk PATH] [--json]",
      "Looks at the server, the database with every invariant of the books, the keys, the disk; exit 1 if anything is bad.\n",
      "  khop doctor --url https://thu.example.vn --keys /etc/khop/keys --disk /var/lib/postgresql\n", cmd_doctor },
    { "export", NULL, "a report as a file", "REPORT [--format FORMAT] [--from DAY] [--to DAY] [--period PERIOD] [OPTION…]",
      "REPORT is days, classes, unpaid, paid, receipts, journal or balances.\n"
      "  --format FORMAT  csv (default), xlsx, pdf; of the journal also beancount, hledger\n"
      "  --from DAY  --to DAY   such as 2026-11-30; or\n"
      "  --period PERIOD  a month (2026-11), a budget year (2026), a school year (2026-2027)\n"
      "  --class CLASS  --label TEXT   only these (classes, unpaid, paid)\n"
      "  --out FILE       default: standard output\n" API_OPTIONS,
      "  khop export journal --format beancount --period 2026 --out 2026.beancount && bean-check 2026.beancount\n", cmd_export },
    { "key", "init", "make the server's keys where they are missing", "DIR",
      "receipt.key signs receipts, field.key seals the connections' secrets, totp.key the second factors; pepper.key keys the\n"
      "passwords, session.key the tokens of forms. Existing keys are never touched.\n",
      "  khop key init /etc/khop/keys\n", cmd_key_init },
    { "key", "pepper", "make another pepper, to replace the one that keys the passwords", "DIR",
      "Makes pepper-N.key beside the old one. khopd, started again with both, hashes with the new one; each person moves to it at the\n"
      "next sign-in. `khop doctor` counts who has not; then the old file may go. See OPERATING.md.\n",
      "  khop key pepper /etc/khop/keys\n", cmd_key_pepper },
    { "kind", "add", "add a kind of payment codes", "--letter L --name NAME [--out] --database CONNINFO [--json]",
      "For who needs more codes of a kind than its letter gives (28 million), or another kind of service.\n"
      "  --letter L     one of 2-9 A-H J K M N P-Z that no kind has\n"
      "  --name NAME    what the API calls it: a small letter, then small letters, digits or underscores, 2 to 16 in all\n"
      "  --out          money out, as payouts: its codes have a payee\n" DATABASE_OPTION
      "Every server looks for the new letter within seconds; the first code of it can be issued five seconds later.\n",
      "  khop kind add --letter X --name fee_2 --database 'host=/run/postgresql dbname=khop'\n", cmd_kind_add },
    { "kind", "list", "show the kinds of payment codes", "--database CONNINFO [--json]", DATABASE_OPTION,
      "  khop kind list --database 'host=/run/postgresql dbname=khop'\n", cmd_kind_list },
    { "migrate", NULL, "bring the database to this version's schema", "--database CONNINFO [--json]",
      DATABASE_OPTION "Running it again does nothing.\n", "  khop migrate --database 'host=/run/postgresql dbname=khop'\n", cmd_migrate },
    { "notice", "check", "decode a bank notice exactly as the server does", "JSON | -",
      "In: {\"provider\",\"mode\",\"secret\",\"now\",\"path\",\"headers\":{},\"body\"}. Out: the verdict (accept, hold,\n"
      "ignore or reject), its reason, and the events found.\n",
      "  khop notice check - < notices.jsonl\n", cmd_notice_check },
    { "notice", "send", "send a notice as its provider would",
      "--provider P --mode M --url URL --secret S --account-no N --amount A [--memo TEXT] [OPTION…]",
      "  --direction in|out   money received (default) or paid out\n"
      "  --ext-id ID  --reference REF   instead of random ones\n"
      "  --count N            N different notices\n"
      "  --duplicate          each of them twice\n"
      "  --mangle             the memo as banks disfigure it\n"
      "  --json               answers as JSON lines\n",
      "  khop notice send --provider sepay --mode hmac --url \"$URL\" --secret \"$SECRET\" --account-no 7900123450011 \\\n"
      "       --amount 180000 --memo 'SB7M4QX2C' --duplicate\n",
      cmd_notice_send },
    { "org", "create", "add an organisation", "--name NAME --code CODE [--kind school|market|clinic|commune] [--area N] [--buckets N] [--json]",
      DATABASE_OPTION "The code is public: it stands on receipts. It gets the emptiest of N buckets (default 2, one for each lane of\n"
      "khopd); it stays there, so take more if the books will ever be spread over several clusters.\n",
      "  khop org create --name 'Trường Tiểu học A' --kind school --code THA\n", cmd_org_create },
    { "org", "days", "what came to every organisation and went out, by day, as CSV", "--from DAY --to DAY --database CONNINFO",
      DATABASE_OPTION "Sums of organisations, without names of people: how many and how much came in, went out, settled a charge.\n",
      "  khop org days --from 2026-11-01 --to 2026-11-30 > days.csv\n", cmd_org_days },
    { "setup", NULL, "let the first administrator be made", "[--origin URL] [--json]",
      DATABASE_OPTION "While there is no user: prints a code, good for a day, and the page to open with it.\n",
      "  khop setup --origin https://thu.example.vn\n", cmd_setup },
    { "threshold", "list", "show from which turnover of a year stalls pay tax", "--database CONNINFO", DATABASE_OPTION,
      "  khop threshold list --database 'host=/run/postgresql dbname=khop'\n", cmd_threshold_list },
    { "threshold", "put", "from a day on, another turnover is where tax begins", "--from DAY --amount N --source TEXT --database CONNINFO",
      "  --from DAY     its first day, such as 2027-01-01; the same day again changes what was put\n"
      "  --amount N     đồng a year\n"
      "  --source TEXT  the law that says so; sellers read it beside the figure\n" DATABASE_OPTION,
      "  khop threshold put --from 2027-01-01 --amount 1000000000 --source 'Nghị định …' --database 'host=/run/postgresql dbname=khop'\n",
      cmd_threshold_put },
    { "token", "create", "make an API token", "--org ID --name NAME [--scopes SCOPE,…] [--json]",
      DATABASE_OPTION "Scopes: read (default), issue, accountant, admin, approve, vend, pay_make, pay_check, audit.\n"
      "The token is shown once and stored as a hash; it is valid for a year.\n",
      "  khop token create --org org_0000g40r40m30 --scopes read,issue --name 'school software'\n", cmd_token_create },
    { "user", "change", "disable, enable or free a user of a lost second factor", "--name LOGIN --disable | --enable | --factor",
      DATABASE_OPTION "All sessions of the user end.\n", "  khop user change --name lan --disable\n", cmd_user_change },
    { "user", "create", "make a user with a password of your own choice", "--org ID --name LOGIN --role ROLE --password-file FILE --keys DIR",
      DATABASE_OPTION "  --full-name NAME   as people read it (default: the login)\n"
      "  --password-file F  its first line; - is standard input\n"
      "  --keys DIR         the keys of the server, for pepper.key\n"
      "  --json\n"
      "Roles: administrator, accountant, principal, vendor, commune_maker, commune_checker, auditor. For people better: user invite.\n",
      "  khop user create --org org_0000g40r40m30 --name ketoan --role accountant --password-file /run/secret --keys /etc/khop/keys\n", cmd_user_create },
    { "user", "invite", "make a link to join, or with --reset to choose a new password",
      "--name LOGIN --org ID --role ROLE --full-name NAME [--origin URL] | --name LOGIN --reset [--origin URL]",
      DATABASE_OPTION "Good for seven days, a reset for half an hour; once. [--json]\n",
      "  khop user invite --org org_0000g40r40m30 --name lan --full-name 'Lò Thị Lan' --role administrator --origin https://thu.example.vn\n", cmd_user_invite },
    { "user", "list", "show the users and what they are", "[--org ID] [--json]", DATABASE_OPTION, "  khop user list\n", cmd_user_list },
    { "verify", NULL, "check receipts offline", "[--json] --jwks FILE RECEIPT…",
      "Each file (JWS compact, \"-\" is standard input) gets one line. Nothing is trusted but the keys in the JWKS file; the\n"
      "server is not asked. Exit 3 if any does not hold.\n",
      "  khop verify receipt.jws --jwks jwks.json\n", cmd_verify },
    { "vietqr", "decode", "read a VietQR payload", "[--lenient] [--hex] PAYLOAD | -",
      "Every payload is answered with {\"ok\":true,…} or {\"ok\":false,\"error\",\"kind\",\"field\",\"detail\"}; kind says what\n"
      "else the text may be. man 3 vietqr lists the errors and warnings.\n"
      "  --lenient  accept what real bank apps print against the rules, with a warning\n"
      "  --hex      the payload's bytes are given in hex\n",
      "  khop vietqr decode --lenient \"$(zbarimg -q --raw photo.png)\"\n"
      "  khop vietqr decode - < payloads.txt\n",
      cmd_vietqr_decode },
    { "vietqr", "draw", "draw a QR code on the terminal or as a file", "[--level L|M|Q|H] [--svg | --png] TEXT",
      "Without --svg or --png the code is drawn with half blocks, black on white whatever the terminal's colours.\n"
      "Images go to standard output.\n",
      "  khop vietqr draw https://example.org/p/abc\n"
      "  khop vietqr draw --png \"$payload\" > code.png\n",
      cmd_vietqr_draw },
    { "vietqr", "encode", "make a VietQR payload", "JSON | -",
      "In: {\"bin\",\"account\",\"amount\",\"purpose\",\"service\",\"method\"}, all but bin and account optional. amount is an\n"
      "integer or a text of digits; service is QRIBFTTA (an account) or QRIBFTTC (a card); method is static or dynamic\n"
      "and follows from the amount when absent. The purpose goes in as it is given: printable ASCII, 1 to 25 characters.\n"
      "Out: {\"ok\":true,\"payload\"} or {\"ok\":false,\"error\",\"detail\"}. What decode answers is accepted, too.\n",
      "  khop vietqr encode '{\"bin\":\"970405\",\"account\":\"7900123450011\",\"amount\":180000,\"purpose\":\"SB7M4QX2C\"}'\n"
      "  khop vietqr encode - < wanted.jsonl\n",
      cmd_vietqr_encode },
    { "words", NULL, "an amount in Vietnamese words", "INTEGER | -",
      "0 to 999999999999999, digits only. A line that is no such number is answered with \"error: …\".\n",
      "  khop words 936000\n"
      "  seq 0 1000 | khop words -\n",
      cmd_words },
};

const size_t cmd_count = sizeof cmd_table / sizeof cmd_table[0];
