/* Reading HTTP/1.1 requests: two pure state machines over bytes, without memory, clock or socket of their own.
 *
 * A head (request line and fields) is fed the bytes that have come so far, from its first one; it continues where it
 * stopped, so a head that arrives byte by byte costs no more than one that arrives whole, and gets the same verdict. What
 * it finds is kept as offsets: the bytes may move between two feeds.
 *
 * The rules are security.md §3: whatever is not plainly right is refused, with the status returned as a negative number
 * (-400 …), and the connection must be closed: its framing can no longer be trusted. Size is judged before content, line by
 * line. Nothing here decides on routes: an unknown or unserved method is a good head. */
#ifndef KHOP_HTTP_PARSE_H
#define KHOP_HTTP_PARSE_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define HTTP_LINE_MAX   8000  /* request line without CRLF: 414 */
#define HTTP_BLOCK_MAX  16384 /* all field lines with their CRLFs: 431 */
#define HTTP_FIELD_MAX  8192  /* one field line without CRLF: 431 */
#define HTTP_FIELDS_MAX 64    /* 431 */
/* The largest head that is accepted, with the CRLFs of its first and last line. Offsets fit 16 bits. */
#define HTTP_HEAD_MAX (HTTP_LINE_MAX + 2 + HTTP_BLOCK_MAX + 2)

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_OTHER,  /* PUT DELETE PATCH OPTIONS CONNECT TRACE: exist, never served (405) */
    HTTP_UNKNOWN /* any other token (501) */
};

enum http_framing { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_span {
    uint16_t at, n;
};

struct http_field {
    struct http_span name, value; /* value without surrounding blanks */
};

/* What a feed returns besides negative statuses. */
enum { HTTP_PARSE_MORE = 0, HTTP_PARSE_DONE = 1, HTTP_PARSE_DATA = 2 };

struct http_head {
    const char *base; /* the bytes of the last feed; whoever moves them sets it */
    /* What was found; valid after HTTP_PARSE_DONE. */
    uint16_t size;                       /* bytes of the head with the empty line */
    struct http_span method_text;
    struct http_span target;             /* as sent */
    struct http_span path, query;        /* of the target, raw; query without '?' */
    struct http_span host;               /* without port; brackets of an IPv6 address stay */
    enum http_method method;
    uint8_t minor;                       /* HTTP/1.minor */
    enum http_framing framing;
    int64_t length;                      /* of the body, for HTTP_BODY_LENGTH */
    bool keep_alive;                     /* what version and Connection say */
    bool expect_continue;
    /* Where the reader stands; private. */
    uint8_t stage;
    uint8_t hosts, lengths, codings;     /* how often each came */
    bool says_close, says_keep, bad_expect;
    uint16_t line_at, scan_at, block_at;
    uint16_t nfields;
    struct http_field fields[HTTP_FIELDS_MAX]; /* the first nfields are used */
};

/* Before a new head. The table of fields is left as it is: nfields says what counts. */
void http_head_init(struct http_head *h);
/* `bytes` starts at the head's first byte and holds everything that has come since (at least what the last feed held).
 * HTTP_PARSE_MORE, HTTP_PARSE_DONE (h->size bytes were the head), or a negative status: -400, -411 (POST without length),
 * -414, -417, -431. */
int http_head_feed(struct http_head *h, struct slice bytes) RC_MUST;

static inline struct slice http_head_slice(const struct http_head *h, struct http_span s)
{
    return (struct slice){ h->base + s.at, s.n };
}

/* The first field with this name (any case), trimmed; p == NULL if there is none. */
struct slice http_head_field(const struct http_head *h, struct slice name);
size_t http_head_count(const struct http_head *h, struct slice name);

/* A chunked body (RFC 9112 §7.1), refusing extensions, trailers and everything loose. */
struct http_chunks {
    uint8_t state, digits;
    uint32_t left; /* of the chunk being read */
};

void http_chunks_init(struct http_chunks *c);
/* Takes from the front of *in. HTTP_PARSE_DATA: *data is a piece of the body (call again); HTTP_PARSE_MORE: *in is used
 * up; HTTP_PARSE_DONE: the body has ended, *in starts behind it; -400. */
int http_chunks_feed(struct http_chunks *c, struct slice *in, struct slice *data) RC_MUST;

/* Characters of a token (RFC 9110 §5.6.2); also for callers that check names. */
bool http_is_token(struct slice s);

#endif
