/* The request head, line by line. A line is looked at once, when its LF has come; what has come of the next one is only
 * searched for its LF and measured. So a verdict does not depend on how the bytes were cut: a partial line is refused
 * only when it is certain that the whole line would be refused with the same status. */
#include "khop/http/parse.h"
#include "parse_parts.h"
#include "chars.h"
#include <stddef.h>
#include "khop/base/banned.h"

enum head_stage { STAGE_LINE, STAGE_FIELDS };

void http_head_init(struct http_head *h)
{
    memset(h, 0, offsetof(struct http_head, fields));
}

bool http_is_token(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!char_is(s.p[i], CHAR_TOKEN))
            return false;
    }
    return s.n > 0;
}

static struct http_span span_of(const struct http_head *h, struct slice s)
{
    return (struct http_span){ (uint16_t)(s.p - h->base), (uint16_t)s.n };
}

/* ---- the request line ---- */

static enum http_method method_of(struct slice text)
{
    static const struct {
        char name[8];
        enum http_method method;
    } known[] = {
        { "GET", HTTP_GET },     { "POST", HTTP_POST },     { "HEAD", HTTP_HEAD },
        { "PUT", HTTP_OTHER },   { "PATCH", HTTP_OTHER },   { "DELETE", HTTP_OTHER },
        { "TRACE", HTTP_OTHER }, { "OPTIONS", HTTP_OTHER }, { "CONNECT", HTTP_OTHER },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_is(text, known[i].name))
            return known[i].method;
    }
    return HTTP_UNKNOWN;
}

/* `line` is without CRLF: METHOD SP target SP HTTP/1.x, and nothing else. */
static int request_line(struct http_head *h, struct slice line)
{
    struct slice rest = line;
    struct slice method = slice_cut(&rest, ' ');
    struct slice target = slice_cut(&rest, ' ');

    if (!http_is_token(method))
        return -400;
    if (slice_eq(rest, SLICE("HTTP/1.1")))
        h->minor = 1;
    else if (!slice_eq(rest, SLICE("HTTP/1.0")))
        return -400;
    if (!parse_target_valid(target))
        return -400;
    h->method_text = span_of(h, method);
    h->method = method_of(method);
    h->target = span_of(h, target);
    return HTTP_PARSE_MORE;
}

/* ---- fields ---- */

/* 1*10DIGIT (security.md §3). */
static int content_length(struct http_head *h, struct slice value)
{
    int64_t n = 0;

    if (h->lengths++ > 0 || value.n == 0 || value.n > 10)
        return -400;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return -400;
        n = n * 10 + (value.p[i] - '0');
    }
    h->length = n;
    return HTTP_PARSE_MORE;
}

static int transfer_encoding(struct http_head *h, struct slice value)
{
    return h->codings++ > 0 || !slice_eq(value, SLICE("chunked")) ? -400 : HTTP_PARSE_MORE;
}

static int host(struct http_head *h, struct slice value)
{
    struct slice name;

    if (h->hosts++ > 0 || !parse_host(value, &name))
        return -400;
    h->host = span_of(h, name);
    return HTTP_PARSE_MORE;
}

static int connection(struct http_head *h, struct slice value)
{
    while (value.n > 0) {
        struct slice option = slice_trim(slice_cut(&value, ','));

        h->says_close |= slice_eq_nocase(option, SLICE("close"));
        h->says_keep |= slice_eq_nocase(option, SLICE("keep-alive"));
    }
    return HTTP_PARSE_MORE;
}

static int expect(struct http_head *h, struct slice value)
{
    if (slice_eq_nocase(value, SLICE("100-continue")))
        h->expect_continue = true;
    else
        h->bad_expect = true;
    return HTTP_PARSE_MORE;
}

/* The fields that frame the message; told apart by length first, since most fields are none of them. */
static int framing_field(struct http_head *h, struct slice name, struct slice value)
{
    switch (name.n) {
    case 4:
        return slice_eq_nocase(name, SLICE("host")) ? host(h, value) : HTTP_PARSE_MORE;
    case 6:
        return slice_eq_nocase(name, SLICE("expect")) ? expect(h, value) : HTTP_PARSE_MORE;
    case 10:
        return slice_eq_nocase(name, SLICE("connection")) ? connection(h, value) : HTTP_PARSE_MORE;
    case 14:
        return slice_eq_nocase(name, SLICE("content-length")) ? content_length(h, value) : HTTP_PARSE_MORE;
    case 17:
        return slice_eq_nocase(name, SLICE("transfer-encoding")) ? transfer_encoding(h, value) : HTTP_PARSE_MORE;
    default:
        return HTTP_PARSE_MORE;
    }
}

static bool value_valid(struct slice value)
{
    size_t i = 0;

    for (; value.n - i >= 8; i += 8) {
        if (chars_plain8(value.p + i))
            continue;
        for (size_t k = 0; k < 8; k++) {
            if (!char_is(value.p[i + k], CHAR_VALUE))
                return false;
        }
    }
    for (; i < value.n; i++) {
        if (!char_is(value.p[i], CHAR_VALUE))
            return false;
    }
    return true;
}

/* `line` is without CRLF. A folded line fails here: a blank is no character of a name. */
static int field_line(struct http_head *h, struct slice line)
{
    struct slice name = { line.p, 0 };

    while (name.n < line.n && char_is(line.p[name.n], CHAR_TOKEN))
        name.n++;
    if (name.n == 0 || name.n == line.n || line.p[name.n] != ':')
        return -400;

    struct slice value = slice_sub(line, name.n + 1, line.n);

    if (!value_valid(value))
        return -400;
    value = slice_trim(value);
    h->fields[h->nfields++] = (struct http_field){ span_of(h, name), span_of(h, value) };
    return framing_field(h, name, value);
}

/* ---- the end of the head: what the fields say together ---- */

static int head_framing(struct http_head *h)
{
    if (h->lengths > 0 && h->codings > 0)
        return -400;
    if (h->codings > 0) {
        if (h->minor == 0)
            return -400;
        h->framing = HTTP_BODY_CHUNKED;
    } else if (h->lengths > 0 && h->length > 0) {
        h->framing = HTTP_BODY_LENGTH;
    }
    if ((h->method == HTTP_GET || h->method == HTTP_HEAD) && h->framing != HTTP_BODY_NONE)
        return -400;
    if (h->method == HTTP_POST && h->lengths == 0 && h->codings == 0)
        return -411;
    return HTTP_PARSE_DONE;
}

static int head_end(struct http_head *h)
{
    if (h->hosts == 0 && h->minor > 0)
        return -400;
    if (!parse_target_split(h))
        return -400;

    int rc = head_framing(h);

    if (rc < 0)
        return rc;
    if (h->minor == 0)
        h->expect_continue = false;
    else if (h->bad_expect)
        return -417;
    h->keep_alive = !h->says_close && (h->minor > 0 || h->says_keep);
    return HTTP_PARSE_DONE;
}

/* ---- lines ---- */

/* A whole line [line_at, end), the last byte being LF. Size first, then content. */
static int whole_line(struct http_head *h, size_t end)
{
    const char *p = h->base + h->line_at;
    size_t n = end - h->line_at;
    bool crlf = n >= 2 && p[n - 2] == '\r';
    struct slice line = { p, n - (crlf ? 2 : 1) };
    int rc;

    if (h->stage == STAGE_LINE) {
        if (line.n > HTTP_LINE_MAX)
            return -414;
        rc = crlf ? request_line(h, line) : -400;
        h->stage = STAGE_FIELDS;
        h->block_at = (uint16_t)end;
    } else if (crlf && line.n == 0) {
        h->size = (uint16_t)end;
        rc = head_end(h);
    } else {
        if (line.n > HTTP_FIELD_MAX || end - h->block_at > HTTP_BLOCK_MAX || h->nfields >= HTTP_FIELDS_MAX)
            return -431;
        rc = crlf ? field_line(h, line) : -400;
    }
    h->line_at = (uint16_t)end;
    h->scan_at = (uint16_t)end;
    return rc;
}

/* n bytes of a line without its LF, the last of which may be its CR. */
static int partial_line(const struct http_head *h, const char *p, size_t n)
{
    if (h->stage == STAGE_LINE)
        return n > HTTP_LINE_MAX + 1 ? -414 : HTTP_PARSE_MORE;
    if (n == 0 || (n == 1 && p[0] == '\r'))
        return HTTP_PARSE_MORE;
    if (n > HTTP_FIELD_MAX + 1 || h->line_at + n + 1 - h->block_at > HTTP_BLOCK_MAX)
        return -431;
    return HTTP_PARSE_MORE;
}

int http_head_feed(struct http_head *h, struct slice bytes)
{
    h->base = bytes.p;
    /* Somebody who speaks another protocol here (TLS, say) is told so at his first byte. */
    if (bytes.n > 0 && !char_is(bytes.p[0], CHAR_TOKEN))
        return -400;
    /* Every path that goes on has refused before the offsets leave 16 bits: see the limits. */
    while (h->scan_at < bytes.n) {
        size_t look = bytes.n - h->scan_at;
        size_t most = HTTP_HEAD_MAX - h->scan_at;
        const char *lf = memchr(bytes.p + h->scan_at, '\n', look < most ? look : most);

        if (lf == NULL)
            break;

        int rc = whole_line(h, (size_t)(lf - bytes.p) + 1);

        if (rc != HTTP_PARSE_MORE)
            return rc;
    }

    int rc = partial_line(h, bytes.p + h->line_at, bytes.n - h->line_at);

    if (rc == HTTP_PARSE_MORE)
        h->scan_at = (uint16_t)bytes.n;
    return rc;
}

/* ---- look-up ---- */

struct slice http_head_field(const struct http_head *h, struct slice name)
{
    for (size_t i = 0; i < h->nfields; i++) {
        if (h->fields[i].name.n == name.n && slice_eq_nocase(http_head_slice(h, h->fields[i].name), name))
            return http_head_slice(h, h->fields[i].value);
    }
    return (struct slice){ NULL, 0 };
}

size_t http_head_count(const struct http_head *h, struct slice name)
{
    size_t count = 0;

    for (size_t i = 0; i < h->nfields; i++)
        count += slice_eq_nocase(http_head_slice(h, h->fields[i].name), name);
    return count;
}
