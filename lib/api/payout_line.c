#include "khop/api/payout.h"

#include "khop/base/buf.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/utf8.h"
#include "khop/pay/memo.h"
#include "vietqr.h"

#include <jansson.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define NAME_MAX    120
#define PERSON_SIZE 16
#define FOLDED_MAX  256
#define AMOUNT_MAX  INT64_C(999999999999)

const struct sheet_column payout_columns[PAYOUT_COLUMNS] = {
    [PAYOUT_NAME] = { "họ và tên|họ tên|họ và tên người hưởng|họ tên người hưởng|người hưởng|người thụ hưởng|tên đối tượng|đối tượng|full name|name", true },
    [PAYOUT_BIRTH] = { "ngày sinh|năm sinh|ngày tháng năm sinh|sinh ngày|birth date|date of birth|birth_on", false },
    [PAYOUT_PERSON] = { "số định danh|số định danh cá nhân|cccd|số cccd|cmnd|căn cước|số căn cước|personal id|person_id", false },
    [PAYOUT_AMOUNT] = { "số tiền|mức hưởng|tiền hưởng|tổng tiền|thành tiền|số tiền chi trả|amount", true },
    [PAYOUT_BANK] = { "ngân hàng|tên ngân hàng|tại ngân hàng|mã ngân hàng|bank|bin", true },
    [PAYOUT_ACCOUNT] = { "số tài khoản|stk|tài khoản|số tk|account|account number|account_no", true },
    [PAYOUT_HOLDER] = { "chủ tài khoản|tên chủ tài khoản|tên tài khoản|chủ tk|account holder|holder", false },
    [PAYOUT_PAYEE] = { "người được ủy quyền|ủy quyền|người nhận thay|người nhận ủy quyền|authorised payee|payee", false },
    [PAYOUT_UNTIL] = { "hạn ủy quyền|ủy quyền đến|ủy quyền đến ngày|ngày hết hạn ủy quyền|payee_until", false },
};
const char *const payout_names[PAYOUT_COLUMNS] = { "name", "birth_on", "person_id", "amount", "bank", "account_no", "holder", "payee", "payee_until" };

const char *payout_fault_text(struct slice code)
{
    return slice_is(code, "payee_ended") ? "This authorisation ends before the money is paid."
                                         : "This person stands in an earlier row already.";
}

struct reading {
    const struct sheet_cell *cells;
    void (*fault)(void *arg, enum payout_column column, const char *code, const char *detail);
    void *arg;
    bool wrong;
};

static void tell(struct reading *r, enum payout_column c, const char *code, const char *detail)
{
    r->wrong = true;
    r->fault(r->arg, c, code, detail);
}

/* A text of the line; empty is a fault when it is needed. */
static struct slice text_of(struct reading *r, enum payout_column c, bool needed, size_t max)
{
    struct slice s = r->cells[c].text;

    if (r->cells[c].kind == SHEET_ERROR)
        tell(r, c, "error", "This cell holds an error of the spreadsheet.");
    else if (s.n == 0 && needed)
        tell(r, c, "required", "This cell is empty.");
    else if (utf8_count(s) > max)
        tell(r, c, "length", "This cell is too long.");
    return s;
}

static void set_text(json_t *doc, const char *name, struct slice s)
{
    json_object_set_new(doc, name, s.n == 0 ? json_null() : json_stringn(s.p, s.n));
}

/* A date, or only a year of birth, which is kept as its first day. */
static void set_day(struct reading *r, json_t *doc, enum payout_column c, bool year_will_do)
{
    struct sheet_cell cell = r->cells[c];
    struct sheet_moment when;
    char text[CLOCK_DATE_SIZE], year[16];

    if (cell.text.n == 0)
        return;
    if (year_will_do && cell.text.n == 4) {
        snprintf(year, sizeof year, "%.4s-01-01", cell.text.p);
        cell = (struct sheet_cell){ .text = slice_of(year), .kind = SHEET_TEXT };
    }
    if (sheet_date(cell, SHEET_DAY_FIRST, &when) < 0) {
        tell(r, c, "date", "This must be a date such as 30/11/2026.");
        return;
    }
    clock_date_text(text, when.day);
    json_object_set_new(doc, payout_names[c], json_string(text));
}

/* --- banks --- */

static bool word_in(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = words; n > 0 && (at = strstr(at, word)) != NULL; at++) {
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    }
    return false;
}

/* One blank between folded words, none around. */
static bool folded(char out[FOLDED_MAX], struct slice text)
{
    struct buf b;

    buf_init(&b, FOLDED_MAX - 1);
    bool good = memo_fold(&b, text) == RC_OK && !b.failed;

    if (good) {
        memcpy(out, b.p == NULL ? "" : b.p, b.n);
        out[b.n] = '\0';
    }
    buf_release(&b);
    return good;
}

/* By BIN, or by the one short name or code that stands in the text ("Agribank CN Sơn La"). NULL: none, or several. */
static const struct vietqr_bank *bank_of(struct slice text)
{
    const struct vietqr_bank *found = vietqr_bank(text.p, text.n);
    char words[FOLDED_MAX], name[FOLDED_MAX];

    if (found != NULL || !folded(words, text))
        return found;
    for (size_t i = 0; i < vietqr_bank_count(); i++) {
        const struct vietqr_bank *bank = vietqr_bank_at(i);

        if (!(folded(name, slice_of(bank->short_name)) && word_in(words, name)) && strcmp(words, bank->code) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = bank;
    }
    return found;
}

static bool account_right(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return s.n > 0 && s.n <= 19;
}

/* People write "7900 1234 500.11". */
static struct slice without_gaps(struct arena *arena, struct slice s)
{
    char *out = arena_alloc(arena, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; out != NULL && i < s.n; i++) {
        if (s.p[i] != ' ' && s.p[i] != '.' && s.p[i] != '-')
            out[n++] = s.p[i];
    }
    return (struct slice){ out, out == NULL ? 0 : n };
}

static void set_account(struct reading *r, struct arena *arena, json_t *doc)
{
    struct slice bank_text = text_of(r, PAYOUT_BANK, true, NAME_MAX), account = without_gaps(arena, text_of(r, PAYOUT_ACCOUNT, true, 40));
    const struct vietqr_bank *bank = bank_text.n == 0 ? NULL : bank_of(bank_text);

    if (bank_text.n > 0 && bank == NULL)
        tell(r, PAYOUT_BANK, "bank", "This bank is not known: write its short name, such as Agribank, or its six digits.");
    else if (bank != NULL)
        json_object_set_new(doc, "bin", json_string(bank->bin));
    if (r->cells[PAYOUT_ACCOUNT].text.n > 0 && !account_right(account))
        tell(r, PAYOUT_ACCOUNT, "account", "An account number has up to 19 letters and digits.");
    set_text(doc, "account_no", account);
}

/* --- persons --- */

/* Nine digits of an old card or twelve of a personal id; kept as a hash under a key that the database does not have. */
static int set_person(struct reading *r, struct arena *arena, const uint8_t field_key[SEAL_KEY_SIZE], json_t *doc)
{
    struct slice id = without_gaps(arena, r->cells[PAYOUT_PERSON].text);
    const struct slice parts[] = { SLICE("person\n"), id };
    uint8_t hash[SHA512_SIZE];
    struct buf hex;
    int rc = RC_OK;

    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] < '0' || id.p[i] > '9')
            rc = RC_BAD_INPUT;
    }
    if (id.n == 0)
        return RC_OK;
    if (rc < 0 || (id.n != 9 && id.n != 12)) {
        tell(r, PAYOUT_PERSON, "person_id", "A personal id has twelve digits, one of an old card nine.");
        return RC_OK;
    }
    struct mac *mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)field_key, SEAL_KEY_SIZE });

    if (mac == NULL)
        return RC_INTERNAL;
    rc = mac_sign(mac, parts, 2, hash);
    mac_free(mac);
    if (rc < 0)
        return rc;
    buf_init_arena(&hex, arena, PERSON_SIZE * 2 + 1);
    enc_hex(&hex, hash, PERSON_SIZE);
    set_text(doc, "person", buf_slice(&hex));
    return hex.failed ? RC_NOMEM : RC_OK;
}

/* --- a line --- */

static void set_amount(struct reading *r, json_t *doc)
{
    struct sheet_cell cell = r->cells[PAYOUT_AMOUNT];
    int64_t amount;

    if (cell.kind == SHEET_ERROR)
        tell(r, PAYOUT_AMOUNT, "error", "This cell holds an error of the spreadsheet.");
    else if (cell.text.n == 0)
        tell(r, PAYOUT_AMOUNT, "required", "This cell is empty.");
    else if (sheet_amount(cell, &amount) < 0 || amount < 1 || amount > AMOUNT_MAX)
        tell(r, PAYOUT_AMOUNT, "amount", "This must be a sum in whole đồng, above 0.");
    else
        json_object_set_new(doc, "amount", json_integer(amount));
}

int payout_line(struct arena *arena, const uint8_t field_key[SEAL_KEY_SIZE], const struct sheet_cell cells[PAYOUT_COLUMNS], int32_t row,
                void (*fault)(void *arg, enum payout_column column, const char *code, const char *detail), void *arg, struct slice *out)
{
    struct reading r = { .cells = cells, .fault = fault, .arg = arg };
    json_t *doc = json_object();
    struct slice name = text_of(&r, PAYOUT_NAME, true, NAME_MAX), payee = text_of(&r, PAYOUT_PAYEE, false, NAME_MAX);
    struct slice holder = text_of(&r, PAYOUT_HOLDER, false, NAME_MAX);
    char *text = NULL;
    int rc;

    *out = (struct slice){ 0 };
    json_object_set_new(doc, "row", json_integer(row));
    set_text(doc, "name", name);
    set_text(doc, "payee", payee);
    set_text(doc, "holder", holder.n > 0 ? holder : payee.n > 0 ? payee : name); /* who is named nowhere else holds the account */
    set_day(&r, doc, PAYOUT_BIRTH, true);
    set_day(&r, doc, PAYOUT_UNTIL, false);
    set_amount(&r, doc);
    set_account(&r, arena, doc);
    rc = set_person(&r, arena, field_key, doc);
    if (rc == RC_OK && !r.wrong) {
        text = json_dumps(doc, JSON_COMPACT);
        *out = text == NULL ? (struct slice){ 0 } : arena_copy(arena, slice_of(text));
        rc = out->p == NULL ? RC_NOMEM : RC_OK;
        free(text);
    }
    json_decref(doc);
    return rc;
}
