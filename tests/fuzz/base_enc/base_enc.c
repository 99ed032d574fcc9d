/* Every strict reader of base/ on the same text. What one accepts must be the only text of its value: written again, it
 * is the text that was read (for times after the few freedoms that they have are taken away). */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "khop/base/buf.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/log.h"
#include "khop/base/num.h"
#include "khop/base/rd.h"
#include "khop/base/utf8.h"
#include "khop/base/banned.h"

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be(struct buf *b, struct slice text)
{
    must(!b->failed && slice_eq(buf_slice(b), text));
    buf_release(b);
}

static struct buf fresh(void)
{
    struct buf b;

    buf_init(&b, 2 * TEXT_MAX);
    return b;
}

static void check_bytes(struct slice text)
{
    static uint8_t out[TEXT_MAX];
    struct buf b = fresh();
    size_t n;

    if (dec_hex(text, out, sizeof out, &n) == RC_OK) {
        enc_hex(&b, out, n);
        must(slice_eq_nocase(buf_slice(&b), text));
        buf_release(&b);
    }
    if (dec_base64(text, out, sizeof out, &n) == RC_OK) {
        enc_base64(&b, out, n);
        must_be(&b, text);
    }
    if (dec_base64url(text, out, sizeof out, &n) == RC_OK) {
        enc_base64url(&b, out, n);
        must_be(&b, text);
    }
}

static void check_numbers(struct slice text)
{
    struct buf b = fresh();
    char id_text[ENC_ID_SIZE];
    struct rd r = rd_of(text);
    int64_t v;

    if (dec_id(text, "cod", &v) == RC_OK) {
        enc_id(id_text, "cod", v);
        must(v >= 0 && slice_is(text, id_text));
    }
    if (num_parse_signed(text, INT64_MIN, INT64_MAX, &v) == RC_OK) {
        buf_put_i64(&b, v);
        must_be(&b, text);
    }
    v = rd_number(&r);
    rd_end(&r);
    if (r.rc == RC_OK) {
        buf_put_i64(&b, v);
        must_be(&b, text);
    }
}

/* The canonical text of a time that was accepted: 'T', no fraction or six digits, a zone in numbers. */
static void canonical(struct buf *b, struct slice text, int *offset_s)
{
    struct slice day = slice_sub(text, 0, 10), time = slice_sub(text, 11, 8), rest = slice_sub(text, 19, text.n);
    char fraction[7] = "000000";
    size_t digits = 0;

    if (rest.n > 0 && rest.p[0] == '.') {
        while (digits + 1 < rest.n && rest.p[digits + 1] >= '0' && rest.p[digits + 1] <= '9')
            digits++;
        memcpy(fraction, rest.p + 1, digits < 6 ? digits : 6);
        rest = slice_sub(rest, digits + 1, rest.n);
    }
    buf_printf(b, "%.*sT%.*s", SLICE_FMT(day), SLICE_FMT(time));
    if (!slice_is(slice_of(fraction), "000000"))
        buf_printf(b, ".%s", fraction);
    if (rest.n == 0)
        rest = SLICE("+07:00");
    else if (slice_is(rest, "Z") || slice_is(rest, "-00:00"))
        rest = SLICE("+00:00");
    buf_put_slice(b, rest);
    must(rest.n == 6);
    *offset_s = ((rest.p[1] - '0') * 10 + rest.p[2] - '0') * 3600 + ((rest.p[4] - '0') * 10 + rest.p[5] - '0') * 60;
    if (rest.p[0] == '-')
        *offset_s = -*offset_s;
}

static void check_time(struct slice text, int64_t us)
{
    struct buf b = fresh();
    char again[CLOCK_RFC3339_SIZE];
    int64_t back;
    int offset_s;

    canonical(&b, text, &offset_s);
    clock_rfc3339(again, us, offset_s);
    must(clock_parse_rfc3339(slice_of(again), &back) == RC_OK && back == us);
    must_be(&b, slice_of(again));
}

static void check_times(struct slice text)
{
    char date[CLOCK_DATE_SIZE];
    int32_t day;
    int64_t us;

    if (clock_parse_date(text, &day) == RC_OK) {
        clock_date_text(date, day);
        must(slice_is(text, date));
    }
    if (clock_parse_rfc3339(text, &us) == RC_OK) {
        int64_t local;

        check_time(text, us);
        must(clock_parse_local(text, &local) == RC_OK && local == us);
    }
    if (clock_parse_local(text, &us) == RC_OK)
        check_time(text, us);
}

static void check_text(struct slice text)
{
    struct buf b = fresh();
    char quoted[LOG_QUOTE_SIZE];
    size_t points = 0;

    for (struct slice rest = text; utf8_valid(text) && rest.n > 0; points++) {
        uint32_t point;
        char out[4];
        size_t n = utf8_next(rest, &point);

        must(n > 0 && utf8_encode(point, out) == n);
        buf_put(&b, out, n);
        rest = slice_sub(rest, n, rest.n);
    }
    if (utf8_valid(text)) {
        must(utf8_count(text) == points);
        must_be(&b, text);
    }
    log_quote(quoted, text);
    must(strlen(quoted) < sizeof quoted && utf8_valid(slice_of(quoted)));
    for (size_t i = 0; quoted[i] != '\0'; i++)
        must((unsigned char)quoted[i] >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = { (const char *)data, size };

    if (size > TEXT_MAX)
        return 0;
    check_bytes(text);
    check_numbers(text);
    check_times(text);
    check_text(text);
    return 0;
}
