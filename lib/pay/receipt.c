#include "khop/pay/receipt.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/base/rd.h"
#include "khop/base/utf8.h"
#include "khop/pay/code.h"
#include "khop/pay/money.h"
#include <stdio.h>

#include "khop/base/banned.h"

#define RECEIPT_TIME_END INT64_C(253402275600) /* 9999-12-31T17:00:00Z: the last four-digit year ends at +07:00 */
#define RECEIPT_NO_MAX   INT64_C(999999999999)
#define RID_LETTERS      22

int receipt_no_text(char out[RECEIPT_NO_SIZE], int32_t year, int64_t no)
{
    if (year < 2000 || year > 9999 || no < 1 || no > RECEIPT_NO_MAX)
        return RC_BAD_INPUT;
    snprintf(out, RECEIPT_NO_SIZE, "%d/%06lld", (int)year, (long long)no);
    return RC_OK;
}

int receipt_no_parse(struct slice text, int32_t *year, int64_t *no)
{
    char again[RECEIPT_NO_SIZE];
    struct slice number = text, book = slice_cut(&number, '/');
    int64_t y, n;

    if (num_parse(book, 2000, 9999, false, &y) != RC_OK || num_parse(number, 1, RECEIPT_NO_MAX, true, &n) != RC_OK)
        return RC_BAD_INPUT;
    if (receipt_no_text(again, (int32_t)y, n) != RC_OK || !slice_is(text, again))
        return RC_BAD_INPUT;
    *year = (int32_t)y;
    *no = n;
    return RC_OK;
}

/* A JSON string: only what must be escaped is, with the short form where JSON has one (as RFC 8785 §3.2.2.2). */
static void put_string(struct buf *out, const char *text)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

    buf_putc(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        const char *at = memchr(from, *p, sizeof from - 1);

        if (at != NULL) {
            buf_putc(out, '\\');
            buf_putc(out, to[at - from]);
        } else if ((unsigned char)*p < 0x20) {
            buf_printf(out, "\\u%04x", (unsigned)*p);
        } else {
            buf_putc(out, *p);
        }
    }
    buf_putc(out, '"');
}

static void put_text(struct buf *out, const char *name, const char *text)
{
    buf_puts(out, name);
    put_string(out, text);
}

static void put_number(struct buf *out, const char *name, int64_t v)
{
    buf_puts(out, name);
    buf_put_i64(out, v);
}

static void put_rid(struct buf *out, const char *name, const uint8_t rid[RECEIPT_RID_SIZE])
{
    buf_puts(out, name);
    buf_putc(out, '"');
    enc_base64url(out, rid, RECEIPT_RID_SIZE);
    buf_putc(out, '"');
}

/* Ended within its room, not empty, valid UTF-8. */
static bool text_ok(const char *text, size_t room)
{
    size_t n = strnlen(text, room);

    return n > 0 && n < room && utf8_valid((struct slice){ text, n });
}

static bool receipt_ok(const struct receipt *r)
{
    return text_ok(r->iss, sizeof r->iss) && text_ok(r->org, sizeof r->org) && r->iat >= 0 &&
           r->iat < RECEIPT_TIME_END && r->paid_at >= 0 && r->paid_at < RECEIPT_TIME_END * CLOCK_US &&
           money_ok(r->amount) && code_ok(r->code_no);
}

int receipt_write(struct buf *out, const struct receipt *r)
{
    char paid_at[CLOCK_RFC3339_SIZE], ref[CODE_SIZE], no[RECEIPT_NO_SIZE];

    if (!receipt_ok(r) || receipt_no_text(no, r->year, r->no) != RC_OK)
        return RC_BAD_INPUT;
    clock_rfc3339(paid_at, r->paid_at, CLOCK_VN_OFFSET_S);
    code_text(ref, r->code_no);
    put_number(out, "{\"v\":", RECEIPT_VERSION);
    put_text(out, ",\"iss\":", r->iss);
    put_rid(out, ",\"rid\":", r->rid);
    put_number(out, ",\"iat\":", r->iat);
    put_text(out, ",\"paid_at\":", paid_at);
    put_number(out, ",\"amount\":", r->amount);
    put_text(out, ",\"cur\":", "VND");
    put_text(out, ",\"ref\":", ref);
    put_text(out, ",\"org\":", r->org);
    put_text(out, ",\"no\":", no);
    if (r->revises)
        put_rid(out, ",\"rev\":", r->rev);
    buf_putc(out, '}');
    return out->failed ? RC_NOMEM : RC_OK;
}

/* The letter behind a backslash; the two bytes of \u00xx are of control characters, the only ones that we escape so. */
static char take_escaped(struct rd *r)
{
    static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
    struct slice one = rd_take(r, 1);
    const char *at = one.n == 1 ? memchr(from, one.p[0], sizeof from - 1) : NULL;
    uint8_t byte = 0;
    size_t n;

    if (at != NULL)
        return to[at - from];
    if (one.n != 1 || one.p[0] != 'u') {
        r->rc = RC_BAD_INPUT;
        return '\0';
    }
    rd_expect(r, SLICE("00"));
    if (dec_hex(rd_take(r, 2), &byte, 1, &n) != RC_OK || n != 1)
        r->rc = RC_BAD_INPUT;
    return (char)byte;
}

/* A JSON string into `out` with its NUL; longer than `room` - 1 bytes or with a NUL inside is RC_BAD_INPUT. */
static void take_string(struct rd *r, char *out, size_t room)
{
    size_t n = 0;

    rd_expect(r, SLICE("\""));
    while (r->rc == RC_OK && rd_peek(r) != '"') {
        struct slice one = rd_take(r, 1);
        char c = one.n == 1 ? one.p[0] : '\0';

        if (c == '\\')
            c = take_escaped(r);
        if (c == '\0' || n + 1 >= room)
            r->rc = RC_BAD_INPUT;
        else
            out[n++] = c;
    }
    rd_expect(r, SLICE("\""));
    out[n] = '\0';
}

static void take_rid(struct rd *r, uint8_t rid[RECEIPT_RID_SIZE])
{
    char text[RID_LETTERS + 1];
    size_t n = 0;

    take_string(r, text, sizeof text);
    if (r->rc == RC_OK && (dec_base64url(slice_of(text), rid, RECEIPT_RID_SIZE, &n) != RC_OK || n != RECEIPT_RID_SIZE))
        r->rc = RC_BAD_INPUT;
}

/* The text members whose form has a reader of its own. */
static void take_formed(struct rd *r, struct receipt *out, const char *name,
                        int (*parse)(struct slice, struct receipt *))
{
    char text[CLOCK_RFC3339_SIZE];

    rd_expect(r, slice_of(name));
    take_string(r, text, sizeof text);
    if (r->rc == RC_OK && parse(slice_of(text), out) != RC_OK)
        r->rc = RC_BAD_INPUT;
}

static int parse_paid_at(struct slice text, struct receipt *r)
{
    return clock_parse_rfc3339(text, &r->paid_at);
}

static int parse_ref(struct slice text, struct receipt *r)
{
    return code_parse(text, &r->code_no);
}

static int parse_no(struct slice text, struct receipt *r)
{
    return receipt_no_parse(text, &r->year, &r->no);
}

static int take_members(struct slice bytes, struct receipt *out)
{
    struct rd r = rd_of(bytes);

    rd_expect(&r, SLICE("{\"v\":1,\"iss\":"));
    take_string(&r, out->iss, sizeof out->iss);
    rd_expect(&r, SLICE(",\"rid\":"));
    take_rid(&r, out->rid);
    rd_expect(&r, SLICE(",\"iat\":"));
    out->iat = rd_number(&r);
    take_formed(&r, out, ",\"paid_at\":", parse_paid_at);
    rd_expect(&r, SLICE(",\"amount\":"));
    out->amount = rd_number(&r);
    rd_expect(&r, SLICE(",\"cur\":\"VND\""));
    take_formed(&r, out, ",\"ref\":", parse_ref);
    rd_expect(&r, SLICE(",\"org\":"));
    take_string(&r, out->org, sizeof out->org);
    take_formed(&r, out, ",\"no\":", parse_no);
    out->revises = rd_peek(&r) == ',';
    if (out->revises) {
        rd_expect(&r, SLICE(",\"rev\":"));
        take_rid(&r, out->rev);
    }
    rd_expect(&r, SLICE("}"));
    rd_end(&r);
    return r.rc;
}

int receipt_read(struct slice bytes, struct receipt *r)
{
    struct receipt got = { .iss = "" };
    struct buf again;

    if (bytes.n == 0 || bytes.n > RECEIPT_MAX || take_members(bytes, &got) != RC_OK)
        return RC_BAD_INPUT;
    /* Written again, it must be the same: other spellings of a number, an escape or a time end here. */
    buf_init(&again, RECEIPT_MAX);

    bool same = receipt_write(&again, &got) == RC_OK && slice_eq(buf_slice(&again), bytes);

    buf_release(&again);
    if (!same)
        return RC_BAD_INPUT;
    *r = got;
    return RC_OK;
}
