#include "parse_parts.h"
#include "chars.h"
#include "khop/base/banned.h"

#define HOST_MAX 253

static bool prefix_nocase(struct slice s, struct slice prefix)
{
    return s.n >= prefix.n && slice_eq_nocase(slice_sub(s, 0, prefix.n), prefix);
}

/* Bytes of "http://" or "https://" at the front; 0: neither. */
static size_t scheme_length(struct slice target)
{
    if (prefix_nocase(target, SLICE("http://")))
        return 7;
    return prefix_nocase(target, SLICE("https://")) ? 8 : 0;
}

bool parse_target_valid(struct slice target)
{
    if (target.n == 0 || (target.p[0] != '/' && scheme_length(target) == 0))
        return false;
    for (size_t i = 0; i < target.n; i++) {
        if (char_is(target.p[i], CHAR_TARGET))
            continue;
        if (target.p[i] != '%')
            return false;
        if (target.n - i < 3 || !char_is(target.p[i + 1], CHAR_HEX) || !char_is(target.p[i + 2], CHAR_HEX))
            return false;
        if (target.p[i + 1] == '0' && target.p[i + 2] == '0')
            return false;
    }
    return true;
}

static struct http_span span_at(const struct http_head *h, struct slice s)
{
    return (struct http_span){ (uint16_t)(s.p - h->base), (uint16_t)s.n };
}

bool parse_target_split(struct http_head *h)
{
    struct slice rest = http_head_slice(h, h->target);
    size_t scheme = rest.p[0] == '/' ? 0 : scheme_length(rest);

    if (scheme > 0) {
        struct slice behind = slice_sub(rest, scheme, rest.n);
        struct slice authority = slice_cut(&behind, '/');

        if (h->hosts == 0 || !slice_eq_nocase(authority, http_head_field(h, SLICE("host"))))
            return false;
        rest = slice_sub(rest, scheme + authority.n, rest.n);
        if (rest.n == 0 || rest.p[0] != '/')
            return false;
    }

    struct slice path = slice_cut(&rest, '?');

    h->path = span_at(h, path);
    h->query = span_at(h, rest);
    return true;
}

static bool port_valid(struct slice port)
{
    if (port.n == 0 || port.n > 5)
        return false;
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9')
            return false;
    }
    return true;
}

/* "[" … "]": hexadecimal digits, colons and dots; that it is a real address is for the list of our hosts to say. */
static bool literal_valid(struct slice inside)
{
    for (size_t i = 0; i < inside.n; i++) {
        if (!char_is(inside.p[i], CHAR_HEX) && inside.p[i] != ':' && inside.p[i] != '.')
            return false;
    }
    return inside.n >= 2;
}

static bool name_valid(struct slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (!char_is(name.p[i], CHAR_HOST))
            return false;
    }
    return name.n > 0 && name.n <= HOST_MAX;
}

bool parse_host(struct slice value, struct slice *name)
{
    struct slice rest = value;

    if (value.n > 0 && value.p[0] == '[') {
        struct slice inside = slice_cut(&rest, ']');

        /* without "]" the cut took everything, and the name would be longer than the value */
        if (inside.n == value.n || !literal_valid(slice_sub(inside, 1, inside.n)))
            return false;
        *name = slice_sub(value, 0, inside.n + 1);
        return rest.n == 0 || (rest.p[0] == ':' && port_valid(slice_sub(rest, 1, rest.n)));
    }
    *name = slice_cut(&rest, ':');
    return name_valid(*name) && (name->n == value.n || port_valid(rest));
}
