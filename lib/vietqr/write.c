/* Writing a payload (vietqr.md §1 to §6). Nothing is cut or replaced: what the format forbids is refused. */
#include <stdio.h>
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

struct writer {
    char *out;
    size_t size, n; /* one byte of size is kept for the NUL */
    struct vietqr_problem *problem;
    enum vietqr_error error; /* the first one sticks */
};

static void fail(struct writer *w, enum vietqr_error error, const char *parent, int id)
{
    if (w->error == VIETQR_OK)
        w->error = problem_at(w->problem, error, parent, id);
}

static void put(struct writer *w, const char *bytes, size_t n)
{
    if (w->error != VIETQR_OK)
        return;
    if (n > w->size - w->n) {
        fail(w, VIETQR_NO_ROOM, "", -1);
        return;
    }
    memcpy(w->out + w->n, bytes, n);
    w->n += n;
}

/* Values are ASCII and at most 99 characters: every caller has seen to that. */
static void put_header(struct writer *w, int id, size_t length)
{
    char header[4] = { (char)('0' + id / 10), (char)('0' + id % 10), (char)('0' + length / 10 % 10),
                       (char)('0' + length % 10) };

    put(w, header, sizeof header);
}

static void put_text(struct writer *w, int id, struct vietqr_text t)
{
    put_header(w, id, t.size);
    put(w, t.bytes, t.size);
}

static void put_word(struct writer *w, int id, const char *word)
{
    put_text(w, id, (struct vietqr_text){ word, strlen(word) });
}

/* A text that is not set is passed over. */
static void put_optional(struct writer *w, const char *parent, int id, struct vietqr_text t, size_t max,
                         enum vietqr_error too_long)
{
    if (t.bytes == NULL)
        return;
    if (t.size == 0)
        fail(w, VIETQR_TEXT_EMPTY, parent, id);
    else if (!text_ascii(t))
        fail(w, VIETQR_NOT_ASCII, parent, id);
    else if (t.size > max)
        fail(w, too_long, parent, id);
    else
        put_text(w, id, t);
}

/* Of a fixed array that may lack its NUL. */
static struct vietqr_text array_text(const char *array, size_t size)
{
    const char *stop = memchr(array, '\0', size);

    return (struct vietqr_text){ array, stop != NULL ? (size_t)(stop - array) : size };
}

static void put_method(struct writer *w, const struct vietqr *q)
{
    switch (q->method) {
    case VIETQR_METHOD_AUTO:
        put_word(w, 1, q->has_amount ? "12" : "11");
        return;
    case VIETQR_STATIC:
        put_word(w, 1, "11");
        return;
    case VIETQR_DYNAMIC:
        put_word(w, 1, "12");
        return;
    }
    fail(w, VIETQR_METHOD_VALUE, "", 1);
}

static void put_beneficiary(struct writer *w, const struct vietqr *q)
{
    struct vietqr_text bin = array_text(q->bin, sizeof q->bin);
    struct vietqr_text account = array_text(q->account, sizeof q->account);
    const char *service = vietqr_service_name(q->service);
    enum vietqr_error error = account_check(account, q->service);

    if (bin.size == 0)
        fail(w, VIETQR_BIN_MISSING, "38.01", 0);
    else if (!text_digits(bin, 6))
        fail(w, VIETQR_BIN_VALUE, "38.01", 0);
    else if (account.size == 0)
        fail(w, VIETQR_ACCOUNT_MISSING, "38.01", 1);
    else if (error != VIETQR_OK)
        fail(w, error, "38.01", 1);
    else if (q->service != VIETQR_TO_ACCOUNT && q->service != VIETQR_TO_CARD)
        fail(w, VIETQR_SERVICE_VALUE, "38", 2);
    else {
        put_header(w, 38, 14 + 4 + 14 + account.size + 4 + strlen(service));
        put_word(w, 0, VIETQR_NAPAS_GUID);
        put_header(w, 1, 14 + account.size);
        put_text(w, 0, bin);
        put_text(w, 1, account);
        put_word(w, 2, service);
    }
}

static void put_money(struct writer *w, const struct vietqr *q)
{
    struct vietqr_text category = array_text(q->category, sizeof q->category);
    char digits[24];

    if (category.size > 0 && !text_digits(category, 4))
        fail(w, VIETQR_CATEGORY_VALUE, "", 52);
    else if (category.size > 0)
        put_text(w, 52, category);
    if (q->currency[0] != '\0' && !text_is(array_text(q->currency, sizeof q->currency), "704"))
        fail(w, VIETQR_CURRENCY_VALUE, "", 53);
    put_word(w, 53, "704");
    if (!q->has_amount)
        return;
    if (q->amount == 0)
        fail(w, VIETQR_AMOUNT_ZERO, "", 54);
    if (q->amount < 0)
        fail(w, VIETQR_AMOUNT_CHARACTER, "", 54);
    if (q->amount > VIETQR_AMOUNT_MAX)
        fail(w, VIETQR_AMOUNT_LENGTH, "", 54);
    snprintf(digits, sizeof digits, "%lld", (long long)q->amount);
    put_word(w, 54, digits);
}

static void put_merchant(struct writer *w, const struct vietqr *q)
{
    if (q->tip != VIETQR_TIP_NONE)
        fail(w, VIETQR_NOT_WRITTEN, "", 55);
    if (q->country[0] != '\0' && !text_is(array_text(q->country, sizeof q->country), "VN"))
        fail(w, VIETQR_COUNTRY_VALUE, "", 58);
    put_word(w, 58, "VN");
    put_optional(w, "", 59, q->merchant_name, 25, VIETQR_NAME_LENGTH);
    put_optional(w, "", 60, q->merchant_city, 15, VIETQR_CITY_LENGTH);
    put_optional(w, "", 61, q->postal_code, 10, VIETQR_POSTAL_CODE_LENGTH);
}

/* Consumer data: one to three of A, M, E, each once; written as given. */
static void put_consumer_data(struct writer *w, struct vietqr_text t)
{
    for (size_t i = 0; i < t.size; i++) {
        if (t.size > 3 || memchr("AME", t.bytes[i], 3) == NULL || memchr(t.bytes, t.bytes[i], i) != NULL) {
            fail(w, VIETQR_CONSUMER_DATA, "62", 9);
            return;
        }
    }
    put_optional(w, "62", 9, t, 3, VIETQR_CONSUMER_DATA);
}

static void put_additional(struct writer *w, const struct vietqr *q)
{
    size_t total = q->consumer_data.bytes != NULL ? 4 + q->consumer_data.size : 0;

    for (int i = 0; i < VIETQR_ADDITIONAL_COUNT; i++) {
        /* Each is checked when it is written; here only that the sum cannot wrap. */
        if (q->additional[i].size > VIETQR_TEXT_MAX)
            fail(w, text_ascii(q->additional[i]) ? VIETQR_ADDITIONAL_LENGTH : VIETQR_NOT_ASCII, "62", i + 1);
        else if (q->additional[i].bytes != NULL)
            total += 4 + q->additional[i].size;
    }
    if (total > 99)
        fail(w, VIETQR_ADDITIONAL_LENGTH, "", 62);
    if (total == 0 || w->error != VIETQR_OK)
        return;
    put_header(w, 62, total);
    for (int i = 0; i < VIETQR_ADDITIONAL_COUNT; i++)
        put_optional(w, "62", i + 1, q->additional[i], VIETQR_TEXT_MAX, VIETQR_ADDITIONAL_LENGTH);
    put_consumer_data(w, q->consumer_data);
}

static void put_crc(struct writer *w)
{
    char digits[5];

    put_header(w, 63, 4);
    if (w->error != VIETQR_OK)
        return;
    snprintf(digits, sizeof digits, "%04X", (unsigned)vietqr_crc(w->out, w->n));
    put(w, digits, 4);
}

void vietqr_init(struct vietqr *code)
{
    memset(code, 0, sizeof *code);
}

enum vietqr_error vietqr_encode(const struct vietqr *code, char *out, size_t out_size, size_t *written,
                                struct vietqr_problem *problem)
{
    struct vietqr_problem mine;
    struct writer w = { out, out_size > 0 ? out_size - 1 : 0, 0, &mine, VIETQR_OK };

    memset(&mine, 0, sizeof mine);
    if (out_size == 0)
        fail(&w, VIETQR_NO_ROOM, "", -1);
    put_word(&w, 0, "01");
    put_method(&w, code);
    put_beneficiary(&w, code);
    put_money(&w, code);
    put_merchant(&w, code);
    put_additional(&w, code);
    if (code->language.bytes != NULL || code->local_name.bytes != NULL || code->local_city.bytes != NULL)
        fail(&w, VIETQR_NOT_WRITTEN, "", 64);
    put_crc(&w);
    if (w.error != VIETQR_OK)
        w.n = 0;
    if (out_size > 0)
        out[w.n] = '\0';
    if (written != NULL)
        *written = w.n;
    if (problem != NULL)
        *problem = mine;
    return w.error;
}
