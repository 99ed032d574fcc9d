#include "deliver.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/log.h"
#include "khop/crypto/crypto.h"
#include "khop/flow/webhook.h"
#include "khop/http/client.h"
#include "khop/loop/task.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define FEED_MS          1000 /* how long an event waits at most before it is on its way */
#define CLAIM_MS         250
#define REST_MS          2000 /* after trouble */
#define STEP_DEADLINE_MS 20000
#define SENDS            16
#define BODY_MAX         1024

/* One delivery on its way. Its memory is the arena of its task: the task reports what the call has brought. */
struct send {
    struct task task; /* first */
    struct deliver *of;
    struct flow_delivery d;
    struct http_call call;
    const char *headers[8];
    bool busy, flying;
};

struct deliver {
    struct loop *loop;
    struct db *db;
    struct http_client *client;
    char allow_text[CONFIG_TEXT_MAX];
    const char *allow[CONFIG_LIST_MAX + 1];
    uint8_t field_key[SEAL_KEY_SIZE];
    int64_t worker, feed_due_ms, claim_due_ms;
    struct task task; /* feeds, then claims */
    bool busy;
    struct send sends[SENDS];
};

/* --- a delivery --- */

static void send_released(struct task *t)
{
    struct send *s = (struct send *)(void *)t;

    arena_free(t->arena);
    s->busy = false;
    s->of->claim_due_ms = 0; /* there may be more for it */
}

static void send_failed(struct task *t, int rc)
{
    log_line(loop_stopping(t->loop) ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "delivery_not_reported",
             "rc=%s do=\"it is sent again when its lease has run out\"", rc_name(rc));
    task_end(t);
}

static int reported(struct task *t)
{
    const struct send *s = (struct send *)(void *)t;
    const struct db_rows *r = db_result(t);
    char id[ENC_ID_SIZE];

    if (db_rows_count(r) == 1 && !db_null(r, 0, 1)) {
        enc_id(id, "whk", s->d.webhook_id);
        log_warn("webhook_ended", "webhook=%s why=%.*s do=\"tell its owner\"", id, SLICE_FMT(db_text(r, 0, 1)));
    }
    task_end(t);
    return RC_OK;
}

static int report(struct task *t)
{
    struct send *s = (struct send *)(void *)t;

    return flow_delivery_report(t, s->of->db, &s->d, s->of->worker, s->call.status, s->call.error, s->call.ms, reported);
}

static void call_done(struct http_call *c)
{
    struct send *s = c->arg;

    s->flying = false;
    task_wake(&s->task, RC_OK);
}

static const char *line(struct task *t, const char *name, struct slice value)
{
    struct buf b;

    buf_init_arena(&b, t->arena, 512);
    buf_printf(&b, "%s: %.*s", name, SLICE_FMT(value));
    buf_putc(&b, '\0');
    return b.failed ? NULL : b.p;
}

static bool copy(struct task *t, struct slice *s)
{
    if (s->p != NULL)
        *s = arena_copy(t->arena, *s);
    return s->p != NULL || s->n == 0;
}

/* W3C Trace Context: the task and this call of it. */
static const char *trace(struct task *t)
{
    uint8_t span[8];
    struct buf b;

    if (crypto_random(span, sizeof span) < 0)
        return NULL;
    span[0] |= 1; /* all zero would be none */
    buf_init_arena(&b, t->arena, 128);
    buf_printf(&b, "traceparent: 00-%s-", t->trace);
    enc_hex(&b, span, sizeof span);
    buf_put_slice(&b, SLICE("-00"));
    buf_putc(&b, '\0');
    return b.failed ? NULL : b.p;
}

/* The same id and body on every try; the time is that of the try, or the receiver would take a late one for a replay. */
static int compose(struct task *t, struct send *s)
{
    char id[ENC_ID_SIZE], time[24];
    struct buf body, signature, url;
    int rc, n = 0;

    enc_id(id, webhook_event_prefix(s->d.type), s->d.event_id);
    snprintf(time, sizeof time, "%lld", (long long)(clock_wall_us() / 1000000));
    buf_init_arena(&body, t->arena, BODY_MAX);
    flow_delivery_body(&body, &s->d);
    buf_init_arena(&signature, t->arena, 256);
    rc = flow_delivery_sign(&signature, s->of->field_key, &s->d, slice_of(id), slice_of(time), buf_slice(&body));
    if (rc < 0)
        return rc;
    buf_init_arena(&url, t->arena, HTTP_TARGET_MAX + 1);
    buf_put_slice(&url, s->d.url);
    buf_putc(&url, '\0');
    s->headers[n++] = "Content-Type: application/json";
    s->headers[n++] = "Expect:";
    s->headers[n++] = line(t, "webhook-id", slice_of(id));
    s->headers[n++] = line(t, "webhook-timestamp", slice_of(time));
    s->headers[n++] = line(t, "webhook-signature", buf_slice(&signature));
    s->headers[n++] = trace(t);
    if (s->d.replayed)
        s->headers[n++] = "khop-replayed: true";
    s->headers[n] = NULL;
    if (body.failed || signature.failed || url.failed || s->headers[2] == NULL || s->headers[3] == NULL || s->headers[4] == NULL || s->headers[5] == NULL)
        return RC_NOMEM;
    s->call = (struct http_call){ .url = url.p, .headers = s->headers, .body = buf_slice(&body), .done = call_done, .arg = s };
    return RC_OK;
}

static int send_begin(struct task *t)
{
    struct send *s = (struct send *)(void *)t;
    int rc = s->of->client == NULL ? RC_UNAVAILABLE : compose(t, s);

    if (rc == RC_UNAVAILABLE)
        return rc;
    if (rc == RC_OK) {
        (void)task_park(t, report);
        task_hold(t);
        rc = http_client_post(s->of->client, &s->call);
        s->flying = rc == RC_OK;
        if (rc == RC_OK)
            return RC_OK;
        task_drop(t);
    }
    /* The address is one that is no longer called, or the secret was sealed with another key: trying again does not help, but the owner sees why. */
    s->call = (struct http_call){ .error = rc == RC_BAD_INPUT ? "address_refused" : rc == RC_UNAUTHORIZED ? "secret" : "internal" };
    return report(t);
}

static void send_start(struct deliver *d, struct send *s, const struct db_rows *r, int i)
{
    struct arena *arena = arena_new(0);

    if (arena == NULL)
        return; /* its lease runs out */
    task_begin(&s->task, d->loop, arena, loop_now_ms(d->loop) + STEP_DEADLINE_MS, send_failed, send_released);
    s->of = d;
    s->busy = true;
    flow_delivery_read(r, i, &s->d);
    if (copy(&s->task, &s->d.reason) && copy(&s->task, &s->d.url) && copy(&s->task, &s->d.sealed) && copy(&s->task, &s->d.sealed_before))
        task_run(&s->task, send_begin);
    else
        send_failed(&s->task, RC_NOMEM);
}

/* --- feeding and claiming --- */

static void turn_released(struct task *t)
{
    struct deliver *d = t->state;

    arena_free(t->arena);
    d->busy = false;
}

static void turn_failed(struct task *t, int rc)
{
    struct deliver *d = t->state;

    log_warn("deliveries_not_read", "rc=%s do=\"it is tried again\"", rc_name(rc));
    d->claim_due_ms = d->feed_due_ms = loop_now_ms(d->loop) + REST_MS;
    task_end(t);
}

static int free_sends(const struct deliver *d)
{
    int n = 0;

    for (int i = 0; i < SENDS; i++)
        n += !d->sends[i].busy;
    return n;
}

static int claimed(struct task *t)
{
    struct deliver *d = t->state;
    const struct db_rows *r = db_result(t);
    int row = 0;

    for (int i = 0; i < SENDS && row < db_rows_count(r); i++) {
        if (!d->sends[i].busy)
            send_start(d, &d->sends[i], r, row++);
    }
    task_end(t);
    return RC_OK;
}

static int claim(struct task *t)
{
    struct deliver *d = t->state;

    d->claim_due_ms = loop_now_ms(d->loop) + CLAIM_MS;
    return flow_delivery_claim(t, d->db, d->worker, free_sends(d), claimed);
}

static int fed(struct task *t)
{
    struct deliver *d = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) == 1 && db_bool(r, 0, 1))
        d->feed_due_ms = 0;
    return claim(t);
}

static int turn_begin(struct task *t)
{
    struct deliver *d = t->state;

    if (loop_now_ms(d->loop) < d->feed_due_ms)
        return claim(t);
    d->feed_due_ms = loop_now_ms(d->loop) + FEED_MS;
    return flow_outbox_feed(t, d->db, fed);
}

void deliver_tick(struct deliver *d)
{
    struct arena *arena;

    if (d->busy || loop_stopping(d->loop) || !db_ready(d->db) || free_sends(d) == 0 || loop_now_ms(d->loop) < d->claim_due_ms)
        return;
    arena = arena_new(0);
    if (arena == NULL)
        return;
    d->busy = true;
    task_begin(&d->task, d->loop, arena, loop_now_ms(d->loop) + STEP_DEADLINE_MS, turn_failed, turn_released);
    d->task.state = d;
    task_run(&d->task, turn_begin);
}

struct deliver *deliver_new(struct loop *l, struct db *db, const struct config *config, const struct app_keys *keys)
{
    struct deliver *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->loop = l;
    d->db = db;
    memcpy(d->field_key, keys->field_key, sizeof d->field_key);
    memcpy(d->allow_text, config->webhook_allow, sizeof d->allow_text);
    if (config_list(d->allow_text, d->allow) == RC_OK && flow_random48(&d->worker) == RC_OK)
        d->client = http_client_new(l, d->allow);
    if (d->client == NULL) {
        deliver_free(d);
        return NULL;
    }
    return d;
}

void deliver_stop(struct deliver *d)
{
    http_client_free(d->client);
    d->client = NULL;
    for (int i = 0; i < SENDS; i++) {
        if (d->sends[i].flying) {
            d->sends[i].flying = false;
            task_wake(&d->sends[i].task, RC_UNAVAILABLE);
        }
    }
}

void deliver_free(struct deliver *d)
{
    if (d == NULL)
        return;
    http_client_free(d->client);
    explicit_bzero(d->field_key, sizeof d->field_key);
    free(d);
}
