/* Query strings and form bodies: name=value pairs, percent-encoded UTF-8, '+' for a blank. */
#include "http_private.h"
#include "khop/base/utf8.h"
#include "chars.h"
#include "khop/base/banned.h"

#define FORM_PAIRS_MAX 512

static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static bool escape_at(struct slice s, size_t i)
{
    return s.n - i >= 3 && char_is(s.p[i + 1], CHAR_HEX) && char_is(s.p[i + 2], CHAR_HEX);
}

/* Decoded into `out`, which has room for text.n bytes. RC_BAD_INPUT: broken escape or NUL. */
static int unescape(struct slice text, char *out, size_t *n)
{
    size_t at = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            if (!escape_at(text, i))
                return RC_BAD_INPUT;
            c = (char)(hex_value(text.p[i + 1]) << 4 | hex_value(text.p[i + 2]));
            i += 2;
        }
        if (c == '\0')
            return RC_BAD_INPUT;
        out[at++] = c;
    }
    *n = at;
    return RC_OK;
}

/* An encoded name is compared as it is read, without room for it. */
static bool name_is(struct slice text, struct slice name)
{
    size_t at = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%' && escape_at(text, i)) {
            c = (char)(hex_value(text.p[i + 1]) << 4 | hex_value(text.p[i + 2]));
            i += 2;
        }
        if (at == name.n || name.p[at++] != c)
            return false;
    }
    return at == name.n;
}

static int text_of(struct arena *arena, struct slice raw, struct slice *out)
{
    char *text = arena_alloc(arena, raw.n + 1);
    size_t n = 0;

    if (text == NULL)
        return RC_NOMEM;
    if (unescape(raw, text, &n) < 0 || !utf8_valid((struct slice){ text, n }))
        return RC_BAD_INPUT;
    *out = (struct slice){ text, n };
    return RC_OK;
}

int form_next(struct arena *arena, struct slice *rest, struct slice *name, struct slice *value)
{
    while (rest->n > 0) {
        struct slice pair = slice_cut(rest, '&'), raw_name = slice_cut(&pair, '=');
        int rc;

        if (raw_name.n == 0 && pair.n == 0)
            continue;
        rc = text_of(arena, raw_name, name);
        if (rc == RC_OK)
            rc = text_of(arena, pair, value);
        return rc < 0 ? rc : 1;
    }
    return 0;
}

int req_query(struct req *rq, const char *name, struct slice *value)
{
    struct slice pairs = rq->query, raw = { NULL, 0 };

    for (int left = FORM_PAIRS_MAX; pairs.n > 0; left--) {
        struct slice pair = slice_cut(&pairs, '&');

        if (left == 0)
            return RC_BAD_INPUT;
        if (!name_is(slice_cut(&pair, '='), slice_of(name)))
            continue;
        if (raw.p != NULL)
            return RC_BAD_INPUT;
        raw = pair;
    }
    return raw.p == NULL ? RC_NOT_FOUND : text_of(rq->task.arena, raw, value);
}
