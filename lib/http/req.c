/* What a handler asks of its request's head. */
#include "http_private.h"
#include "khop/base/banned.h"

struct slice req_header(const struct req *rq, const char *name)
{
    return http_head_field(rq->head, slice_of(name));
}

size_t req_header_count(const struct req *rq, const char *name)
{
    return http_head_count(rq->head, slice_of(name));
}

/* No charset, or the one that we read. */
static bool charset_ours(struct slice parameters)
{
    while (parameters.n > 0) {
        struct slice value = slice_trim(slice_cut(&parameters, ';')), name = slice_trim(slice_cut(&value, '='));

        value = slice_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = slice_sub(value, 1, value.n - 2);
        if (slice_eq_nocase(name, SLICE("charset")) && !slice_eq_nocase(value, SLICE("utf-8")) && !slice_eq_nocase(value, SLICE("us-ascii")))
            return false;
    }
    return true;
}

bool req_content_is(const struct req *rq, const char *type)
{
    struct slice value = req_header(rq, "content-type");

    return req_header_count(rq, "content-type") == 1 && slice_eq_nocase(slice_trim(slice_cut(&value, ';')), slice_of(type)) && charset_ours(value) &&
           (req_header_count(rq, "content-encoding") == 0 || slice_eq_nocase(req_header(rq, "content-encoding"), SLICE("identity")));
}

static bool lower_hex(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    }
    return true;
}

static bool all_zero(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '0')
            return false;
    }
    return true;
}

/* version "-" trace "-" parent "-" flags, in hexadecimal; a later version may have more behind them. */
void req_trace(struct req *rq)
{
    struct slice value = req_header(rq, "traceparent"), rest = value;
    struct slice version = slice_cut(&rest, '-'), trace = slice_cut(&rest, '-'), parent = slice_cut(&rest, '-'), flags = slice_cut(&rest, '-');

    if (version.n != 2 || trace.n != TASK_TRACE_SIZE - 1 || parent.n != 16 || flags.n != 2 || req_header_count(rq, "traceparent") != 1 ||
        !lower_hex(version) || !lower_hex(trace) || !lower_hex(parent) || !lower_hex(flags) || slice_is(version, "ff") || all_zero(trace) ||
        all_zero(parent) || (slice_is(version, "00") && value.n != 55))
        return;
    task_trace_from(&rq->task, trace.p);
}

struct slice req_cookie(const struct req *rq, const char *name)
{
    const struct http_head *h = rq->head;
    struct slice found = { NULL, 0 }, wanted = slice_of(name);

    for (size_t i = 0; i < h->nfields; i++) {
        struct slice rest = http_head_slice(h, h->fields[i].value);

        if (!slice_eq_nocase(http_head_slice(h, h->fields[i].name), SLICE("cookie")))
            continue;
        while (rest.n > 0) {
            struct slice value = slice_trim(slice_cut(&rest, ';'));

            if (memchr(value.p, '=', value.n) == NULL || !slice_eq(slice_cut(&value, '='), wanted))
                continue;
            if (found.p != NULL)
                return (struct slice){ NULL, 0 };
            found = value;
        }
    }
    return found;
}

/* ---- lists with weights (RFC 9110 §12.4.2) ---- */

/* "0.75" as 750; what is no weight counts as 1. */
static int weight_of(struct slice text)
{
    int weight = 0, unit = 1000;

    if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1') || (text.n > 1 && text.p[1] != '.'))
        return 1000;
    for (size_t i = 0; i < text.n; i++) {
        if (i == 1)
            continue;
        if (text.p[i] < '0' || text.p[i] > '9')
            return 1000;
        weight += (text.p[i] - '0') * unit;
        unit /= 10;
    }
    return weight > 1000 ? 1000 : weight;
}

/* The next element of an Accept list: its name, and its weight in thousandths. */
static bool next_choice(struct slice *list, struct slice *name, int *weight)
{
    if (list->n == 0)
        return false;

    struct slice params = slice_cut(list, ',');

    *name = slice_trim(slice_cut(&params, ';'));
    *weight = 1000;
    while (params.n > 0) {
        struct slice param = slice_trim(slice_cut(&params, ';'));

        if (param.n > 2 && (param.p[0] | 0x20) == 'q' && param.p[1] == '=')
            *weight = weight_of(slice_sub(param, 2, param.n));
    }
    return true;
}

/* The weight of `exact`, else of the range (such as "text" with its star), else of the range of everything; 0: not
 * taken. */
static int media_weight(struct slice list, struct slice exact, struct slice range)
{
    int weights[3] = { -1, -1, -1 }, weight;
    struct slice name;

    while (next_choice(&list, &name, &weight)) {
        if (slice_eq_nocase(name, exact))
            weights[0] = weight;
        else if (slice_eq_nocase(name, range))
            weights[1] = weight;
        else if (slice_eq(name, SLICE("*/*")))
            weights[2] = weight;
    }
    for (size_t i = 0; i < 3; i++) {
        if (weights[i] >= 0)
            return weights[i];
    }
    return 0;
}

bool req_wants_html(const struct req *rq)
{
    struct slice accept = req_header(rq, "accept");
    int html = media_weight(accept, SLICE("text/html"), SLICE("text/*"));

    return html > 0 && html > media_weight(accept, SLICE("application/json"), SLICE("application/*"));
}

bool req_wants_json(const struct req *rq)
{
    struct slice accept = req_header(rq, "accept");

    return media_weight(accept, SLICE("application/json"), SLICE("application/*")) >
           media_weight(accept, SLICE("text/html"), SLICE("text/*"));
}

bool req_accepts_gzip(const struct req *rq)
{
    struct slice list = req_header(rq, "accept-encoding"), name;
    int weight, any = 0;

    while (next_choice(&list, &name, &weight)) {
        if (slice_eq_nocase(name, SLICE("gzip")))
            return weight > 0;
        if (slice_eq(name, SLICE("*")))
            any = weight;
    }
    return any > 0;
}

/* "vi-VN" fits "vi". */
static bool language_fits(struct slice range, struct slice offered)
{
    return slice_eq_nocase(slice_sub(range, 0, offered.n), offered) &&
           (range.n == offered.n || range.p[offered.n] == '-');
}

const char *req_language(const struct req *rq)
{
    static const char *const only[] = { "vi", NULL };
    const char *const *offered = ((const struct http_slot *)(const void *)rq)->server->config.languages;
    struct slice list = req_header(rq, "accept-language"), range;
    int weight, best_weight = 0;

    if (offered == NULL)
        offered = only;

    const char *best = offered[0];

    while (next_choice(&list, &range, &weight)) {
        for (const char *const *l = offered; *l != NULL; l++) {
            if (weight > best_weight && language_fits(range, slice_of(*l))) {
                best = *l;
                best_weight = weight;
            }
        }
    }
    return best;
}

int64_t req_body_limit(const struct req *rq)
{
    return rq->route == NULL ? 0 : (int64_t)rq->route->body_max;
}

/* A pattern is the front of another, in whole segments. */
static bool is_above(const char *above, const char *pattern)
{
    size_t n = strlen(above);

    return strncmp(above, pattern, n) == 0 && (pattern[n] == '\0' || pattern[n] == '/');
}

struct slice req_page_above(const struct req *rq)
{
    const struct route_table *routes = ((const struct http_slot *)(const void *)rq)->server->routes;
    struct slice params[REQ_PARAMS_MAX], path = rq->path;
    const struct route *page;
    unsigned allow;

    for (;;) {
        page = path.n == 0 ? NULL : route_find(routes, HTTP_GET, path, params, &allow);
        /* Of …/import the page is not that of something with the id "import". */
        if (page != NULL && (rq->route == NULL || is_above(page->pattern, rq->route->pattern)))
            return path;
        while (path.n > 0 && path.p[path.n - 1] != '/')
            path.n--;
        if (path.n == 0)
            return path;
        path.n--; /* the slash */
    }
}
