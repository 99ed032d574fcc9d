/* Which passwords may be chosen, and the way to their hashes. */
#include "khop/auth/password.h"

#include "auth_private.h"
#include "common_passwords.h"
#include "hasher.h"
#include "khop/base/utf8.h"
#include "khop/pay/memo.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define CHARACTERS_MAX 256
#define NAME_MIN       4 /* shorter names are in too many words */
#define KINDS_MIN      5 /* different letters in a password */
#define PRODUCT        "KHOP"

/* --- keyed --- */

static int password_key(const struct mac *pepper, struct slice password, uint8_t out[SHA512_SIZE])
{
    struct buf nfc;
    int rc;

    if (password.n > AUTH_PASSWORD_MAX)
        return RC_TOO_LARGE;
    buf_init(&nfc, 4 * AUTH_PASSWORD_MAX);
    rc = utf8_nfc(&nfc, password);
    if (rc == RC_OK) {
        struct slice part = buf_slice(&nfc);

        rc = mac_sign(pepper, &part, 1, out);
    }
    if (nfc.n > 0)
        explicit_bzero(nfc.p, nfc.n);
    buf_release(&nfc);
    return rc;
}

/* What is hashed in place of a password that is no text, or too long: it was nobody's, and finding that out takes as long as anything else. */
static int password_key_or_dummy(const struct mac *pepper, struct slice password, uint8_t out[SHA512_SIZE], const char **phc)
{
    int rc = password_key(pepper, password, out);

    if (rc != RC_BAD_INPUT && rc != RC_TOO_LARGE)
        return rc;
    *phc = argon_dummy();
    return RC_OK;
}

int auth_password_hash(struct task *t, struct auth *a, struct slice password, task_step next)
{
    uint8_t input[SHA512_SIZE] = { 0 };
    int rc = password_key(a->peppers[0].mac, password, input);

    if (rc == RC_OK)
        rc = hasher_submit(a->hasher, t, input, NULL, NULL, next);
    explicit_bzero(input, sizeof input);
    return rc;
}

/* The pepper of that number; NULL: it is not there (any more). */
static const struct mac *pepper_of(const struct auth *a, int16_t no)
{
    for (size_t i = 0; i < AUTH_PEPPERS; i++) {
        if (no != 0 && a->peppers[i].no == no)
            return a->peppers[i].mac;
    }
    return NULL;
}

int auth_password_check(struct task *t, struct auth *a, struct slice password, struct slice stored, int16_t pepper, task_step next)
{
    const struct mac *mac = pepper_of(a, pepper);
    const char *phc = argon_dummy();
    uint8_t input[SHA512_SIZE] = { 0 }, newest[SHA512_SIZE] = { 0 };
    char text[AUTH_PHC_SIZE];
    int rc;

    if (stored.p != NULL && (stored.n == 0 || stored.n >= sizeof text))
        return RC_INTERNAL;
    if (stored.p != NULL && mac != NULL) {
        memcpy(text, stored.p, stored.n);
        text[stored.n] = '\0';
        phc = text;
    }
    rc = password_key_or_dummy(mac != NULL ? mac : a->peppers[0].mac, password, input, &phc);
    if (rc == RC_OK)
        rc = password_key_or_dummy(a->peppers[0].mac, password, newest, &phc);
    if (rc == RC_OK)
        rc = hasher_submit(a->hasher, t, input, phc, mac != NULL && mac != a->peppers[0].mac ? newest : NULL, next);
    explicit_bzero(input, sizeof input);
    explicit_bzero(newest, sizeof newest);
    return rc;
}

int16_t auth_pepper_no(const struct auth *a)
{
    return a->peppers[0].no;
}

int auth_password_hash_now(const uint8_t pepper[AUTH_KEY_SIZE], struct slice password, char phc[AUTH_PHC_SIZE])
{
    struct mac *mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)pepper, AUTH_KEY_SIZE });
    uint8_t input[SHA512_SIZE];
    int rc = mac == NULL ? RC_NOMEM : password_key(mac, password, input);

    if (rc == RC_OK)
        rc = argon_hash(input, phc);
    explicit_bzero(input, sizeof input);
    mac_free(mac);
    return rc;
}

/* --- the rules for new ones --- */

/* The lines of the list are sorted; two of comment come first. */
static bool is_listed(struct slice word)
{
    struct slice list = { (const char *)common_passwords_txt, common_passwords_txt_size };
    size_t low = 0, high = list.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2, from = middle, to = middle;

        while (from > low && list.p[from - 1] != '\n')
            from--;
        while (to < list.n && list.p[to] != '\n')
            to++;

        struct slice line = slice_sub(list, from, to - from);
        int order = line.n > 0 && line.p[0] == '#' ? -1 : slice_cmp(line, word);

        if (order == 0)
            return true;
        if (order < 0)
            low = to + 1;
        else
            high = from;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The shortest text that, said again and again, gives the whole. */
static struct slice repeated_part(struct slice s)
{
    for (size_t n = 1; n <= s.n / 2; n++) {
        if (s.n % n == 0 && memcmp(s.p, s.p + n, s.n - n) == 0)
            return slice_sub(s, 0, n);
    }
    return s;
}

static struct slice without_digits_around(struct slice s)
{
    while (s.n > 0 && is_digit(s.p[0]))
        s = slice_sub(s, 1, s.n);
    while (s.n > 0 && is_digit(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool is_common(struct slice folded)
{
    bool seen[256] = { false };
    size_t kinds = 0, steps = 0;

    for (size_t i = 0; i < folded.n; i++) {
        kinds += seen[(unsigned char)folded.p[i]] ? 0 : 1;
        seen[(unsigned char)folded.p[i]] = true;
        steps += i > 0 && folded.p[i] == folded.p[i - 1] + 1 ? 1 : 0;
    }
    struct slice part = repeated_part(folded), core = without_digits_around(folded);

    return kinds < KINDS_MIN || steps + 3 >= folded.n || is_listed(folded) || is_listed(part) || is_listed(without_digits_around(part)) ||
           (core.n >= 4 && (is_listed(core) || is_listed(repeated_part(core))));
}

/* Letters and digits alone, without accents and blanks, as capitals. */
static void fold(struct buf *out, struct slice text)
{
    size_t kept = 0;

    buf_clear(out);
    if (memo_fold(out, text) < 0)
        return;
    for (size_t i = 0; i < out->n; i++) {
        if (out->p[i] != ' ')
            out->p[kept++] = out->p[i];
    }
    out->n = kept;
}

static bool contains(struct slice whole, struct slice part)
{
    return part.n >= NAME_MIN && memmem(whole.p, whole.n, part.p, part.n) != NULL;
}

const char *auth_password_fault(struct slice password, size_t min_characters, const struct slice *names, size_t nnames)
{
    struct buf folded, name;
    size_t count = utf8_count(password);
    const char *fault = NULL;

    if (!utf8_valid(password) || memchr(password.p == NULL ? "" : password.p, '\0', password.n) != NULL)
        return "not_text";
    if (count < min_characters)
        return "too_short";
    if (count > CHARACTERS_MAX || password.n > AUTH_PASSWORD_MAX)
        return "too_long";
    buf_init(&folded, 2 * AUTH_PASSWORD_MAX);
    buf_init(&name, 2 * AUTH_PASSWORD_MAX);
    fold(&folded, password);
    if (folded.n * 2 >= count && is_common(buf_slice(&folded))) /* other scripts and many marks are another matter */
        fault = "common";
    if (contains(buf_slice(&folded), SLICE(PRODUCT)))
        fault = "names_you";
    for (size_t i = 0; fault == NULL && i < nnames; i++) {
        fold(&name, names[i]);
        if (contains(buf_slice(&folded), buf_slice(&name)))
            fault = "names_you";
    }
    if (folded.n > 0)
        explicit_bzero(folded.p, folded.n);
    buf_release(&folded);
    buf_release(&name);
    return fault;
}
