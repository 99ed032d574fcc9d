/* khop notice check: what the server would make of a notice (design.md §8), by the server's own code.
 *
 * Beside what design.md §8 names, a line may leave out "mode" (then it follows from the headers or the secret) and
 * "now" (the clock); "secret" may be a list, a header's value too; a body that is no UTF-8 comes as "body_base64". A
 * request for a VietQR.vn token is answered with the token as "answer". */
#include <string.h>

#include "cmd.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/provider/provider.h"

#include "khop/base/banned.h"

struct ask {
    struct arena *arena;
    const json_t *line;
    json_t *headers;
    const char *why; /* a constant: what is wrong with the line itself */
    int provider, mode;
    struct provider_secret *secrets[PROVIDER_SECRETS_MAX];
    size_t n_secrets;
    struct notice_in in;
};

static struct slice slice_of_json(const json_t *string)
{
    return (struct slice){json_string_value(string), json_string_length(string)};
}

static struct slice header_of(const void *headers, const char *name, size_t *count)
{
    const struct ask *a = headers;
    struct slice found = {NULL, 0};
    const char *key;
    json_t *value;

    *count = 0;
    json_object_foreach(a->headers, key, value)
    {
        size_t n = json_is_array(value) ? json_array_size(value) : 1;
        const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;

        if (!slice_eq_nocase(slice_of(key), slice_of(name)) || n == 0)
            continue;
        if (*count == 0)
            found = slice_trim(slice_of_json(one));
        *count += n;
    }
    return found;
}

static bool headers_are_text(json_t *headers)
{
    bool text = json_is_object(headers);
    json_t *value, *one;
    const char *key;
    size_t i;

    json_object_foreach(headers, key, value)
    {
        if (!json_is_array(value) && !json_is_string(value))
            text = false;
        json_array_foreach(value, i, one) text = text && json_is_string(one);
    }
    return text;
}

static bool has_header(const struct ask *a, const char *name)
{
    size_t count;

    header_of(a, name, &count);
    return count > 0;
}

/* Seconds, milliseconds or microseconds since 1970 by their size. */
static bool number_time(int64_t v, int64_t *us)
{
    int64_t unit = v < INT64_C(100000000000) ? CLOCK_US : v < INT64_C(100000000000000) ? 1000 : 1;

    return v >= 0 && num_mul(v, unit, us);
}

static bool read_now(const json_t *now, int64_t *us)
{
    int64_t v;

    if (now == NULL || json_is_null(now)) {
        *us = clock_wall_us();
        return true;
    }
    if (json_is_integer(now))
        return number_time(json_integer_value(now), us);
    if (json_is_real(now) && json_real_value(now) >= 0 && json_real_value(now) < 1e15)
        return number_time((int64_t)json_real_value(now), us);
    if (!json_is_string(now))
        return false;
    if (num_parse(slice_of_json(now), 0, INT64_MAX, false, &v) == RC_OK)
        return number_time(v, us);
    return clock_parse_local(slice_of_json(now), us) == RC_OK;
}

/* A provider with one mode needs no name for it. */
static int read_mode(const struct ask *a, struct slice secret)
{
    struct slice name = slice_of_json(json_object_get(a->line, "mode"));

    if (a->provider == PROVIDER_PAYOS)
        return PROVIDER_PAYOS_WEBHOOK;
    if (a->provider == PROVIDER_VIETQRVN)
        return PROVIDER_VIETQRVN_TOKEN;
    if (name.n > 0)
        return provider_mode_by_name(a->provider, name);
    if (a->provider == PROVIDER_SEPAY)
        return has_header(a, "X-SePay-Signature") ? PROVIDER_SEPAY_HMAC : PROVIDER_SEPAY_APIKEY;
    if (a->provider == PROVIDER_CASSO)
        return has_header(a, "X-Casso-Signature") ? PROVIDER_CASSO_V2 : PROVIDER_CASSO_V1;
    if (a->provider == PROVIDER_STANDARD)
        return slice_starts(secret, SLICE("whpk_")) ? PROVIDER_STANDARD_ED25519 : PROVIDER_STANDARD_HMAC;
    return 0;
}

static void read_secrets(struct ask *a)
{
    const json_t *secret = json_object_get(a->line, "secret");
    const json_t *first = json_is_array(secret) ? json_array_get(secret, 0) : secret;
    size_t n = json_is_array(secret) ? json_array_size(secret) : 1;

    a->mode = read_mode(a, slice_of_json(first));
    if (a->mode == 0) {
        a->why = "unknown_mode";
        return;
    }
    if (n == 0 || n > PROVIDER_SECRETS_MAX)
        a->why = "bad_secret";
    for (size_t i = 0; a->why == NULL && i < n; i++) {
        const json_t *one = json_is_array(secret) ? json_array_get(secret, i) : secret;
        int rc = provider_secret_new(a->mode, slice_of_json(one), &a->secrets[i]);

        if (rc != RC_OK)
            a->why = rc == RC_NOMEM || rc == RC_INTERNAL ? "no_memory" : "bad_secret";
        else
            a->n_secrets++;
    }
}

static void read_body(struct ask *a)
{
    const json_t *body = json_object_get(a->line, "body"), *coded = json_object_get(a->line, "body_base64");

    if (coded != NULL) {
        struct slice text = slice_of_json(coded);
        uint8_t *bytes = arena_alloc(a->arena, text.n + 1);
        size_t n;

        if (bytes == NULL || body != NULL || dec_base64(text, bytes, text.n + 1, &n) != RC_OK) {
            a->why = "bad_body";
            return;
        }
        a->in.body = (struct slice){(const char *)bytes, n};
    } else if (json_is_string(body)) {
        a->in.body = slice_of_json(body);
    } else if (body != NULL && !json_is_null(body)) {
        a->why = "bad_body";
    } else {
        a->in.body = SLICE("");
    }
}

static void read_line(struct ask *a)
{
    const json_t *path = json_object_get(a->line, "path");

    a->provider = provider_by_name(slice_of_json(json_object_get(a->line, "provider")));
    a->headers = json_object_get(a->line, "headers");
    if (a->provider == 0)
        a->why = "unknown_provider";
    else if (a->headers != NULL && !headers_are_text(a->headers))
        a->why = "bad_headers";
    else if (!read_now(json_object_get(a->line, "now"), &a->in.now_us))
        a->why = "bad_now";
    if (a->why == NULL)
        read_secrets(a);
    if (a->why == NULL)
        read_body(a);
    a->in.path = path == NULL || !json_is_string(path) ? SLICE("") : slice_of_json(path);
    a->in.header = header_of;
    a->in.headers = a;
    a->in.secure = true;
}

static json_t *json_text(struct slice s)
{
    return json_stringn(s.p == NULL ? "" : s.p, s.n);
}

static json_t *json_event(const struct notice_event *e)
{
    char time[CLOCK_RFC3339_SIZE];

    clock_rfc3339(time, e->time_us, CLOCK_VN_OFFSET_S);
    return json_pack("{s:o,s:s,s:I,s:o,s:o,s:s,s:o}", "ext_id", json_text(e->ext_id), "direction",
                     e->direction == NOTICE_OUT ? "out" : "in", "amount", (json_int_t)e->amount, "account",
                     json_text(e->account), "reference", json_text(e->reference), "time", time, "memo",
                     json_text(e->memo));
}

static json_t *json_verdict(const struct ask *a, const struct notice_verdict *v)
{
    static const char *const kinds[] = {
        [NOTICE_ACCEPT] = "accept", [NOTICE_HOLD] = "hold", [NOTICE_IGNORE] = "ignore", [NOTICE_REJECT] = "reject"};
    struct provider_reply reply;
    json_t *events = json_array(), *answer;

    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(events, json_event(&v->events[i]));
    answer = json_pack("{s:s,s:s,s:o}", "verdict", kinds[v->kind], "reason", v->reason, "events", events);
    if (answer != NULL && v->token.n > 0 && provider_answer(a->mode, PROVIDER_DONE, v, NULL, a->arena, &reply) == RC_OK)
        json_object_set_new(answer, "answer", json_text(reply.body));
    return answer;
}

static json_t *refuse(const char *why)
{
    return json_pack("{s:s,s:s,s:[]}", "verdict", "reject", "reason", why, "events");
}

static bool answer_line(struct ask *a, struct buf *out)
{
    struct notice_verdict v;
    int rc = RC_BAD_INPUT;

    read_line(a);
    if (a->why == NULL)
        rc = provider_check(a->mode, a->secrets, a->n_secrets, &a->in, a->arena, &v);
    cmd_json(out, rc == RC_OK ? json_verdict(a, &v) : refuse(a->why != NULL ? a->why : rc_name(rc)));
    for (size_t i = 0; i < a->n_secrets; i++)
        provider_secret_free(a->secrets[i]);
    return rc == RC_OK && v.kind != NOTICE_REJECT;
}

static bool answer_check(const struct cmd_line *line, struct buf *out, void *arg)
{
    struct ask a = {.arena = arg};
    json_t *object =
        line->too_long ? NULL : json_loadb(line->text.p, line->text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    bool good;

    if (!json_is_object(object)) {
        json_decref(object);
        cmd_json(out, refuse(line->too_long ? "line_too_long" : "bad_line"));
        return false;
    }
    arena_reset(a.arena);
    a.line = object;
    good = answer_line(&a, out);
    json_decref(object);
    return good;
}

int cmd_notice_check(int argc, char **argv)
{
    struct arena *arena;
    int code = cmd_take_end(&argc, argv, 1, 1);

    if (code != CMD_OK)
        return code;
    arena = arena_new(0);
    if (arena == NULL || crypto_init() != RC_OK) {
        arena_free(arena);
        return cmd_fail("no memory");
    }
    code = cmd_filter_or_one(argv[0], answer_check, arena);
    crypto_end();
    arena_free(arena);
    return code;
}
