#include "serve_private.h"

#include "khop/api/problem.h"
#include "khop/auth/auth.h"
#include "khop/auth/rate.h"
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include "khop/flow/connection.h"
#include "khop/flow/entry.h"
#include "khop/flow/settle.h"
#include "khop/flow/watch.h"
#include "khop/web/pages.h"
#include "khop/web/voice.h"
#include "khop/web/web.h"
#include "metrics.h"
#include "routes.h"

#include <signal.h>

#include "khop/base/banned.h"

#define CONNECTIONS_CACHED 10000
#define REFUSALS_WINDOW_MS 60000
#define PAGES_WATCHED      2048
#define TICK_MS            200
#define TICK_START_MS      50 /* until the first notice can be settled: those who came first wait for it */
#define SETUP_DEADLINE_MS  5000

static const char *const LANGUAGES[] = { "vi", "en", NULL };

/* --- the receipt key's row: without its number nothing is settled --- */

/* --- the first start: while there is no user, the log says where the first one is made --- */

static void offer_ended(struct task *t)
{
    struct serve *s = t->state;

    arena_free(t->arena);
    explicit_bzero(s->offer_code, sizeof s->offer_code);
}

static void offer_failed(struct task *t, int rc)
{
    log_warn("setup_not_offered", "rc=%s do=\"khop setup\"", rc_name(rc));
    task_end(t);
}

static int offer_done(struct task *t)
{
    struct serve *s = t->state;

    if (flow_rc_read(t) == RC_OK)
        log_info("setup", "open=%s/setup?code=%s", s->flow.origin, s->offer_code);
    task_end(t);
    return RC_OK;
}

static int offer_begin(struct task *t)
{
    struct serve *s = t->state;
    uint8_t *hash = arena_alloc(t->arena, SHA256_SIZE);

    if (hash == NULL)
        return RC_NOMEM;
    int rc = auth_secret_make(s->offer_code, hash);

    return rc < 0 ? rc : flow_setup_offer(t, &s->flow, (struct slice){ (const char *)hash, SHA256_SIZE }, offer_done);
}

static void offer_setup(struct serve *s)
{
    struct arena *arena = s->index == 0 ? arena_new(0) : NULL;

    if (arena == NULL)
        return;
    task_begin(&s->offer, s->flow.loop, arena, loop_now_ms(s->flow.loop) + SETUP_DEADLINE_MS, offer_failed, offer_ended);
    s->offer.state = s;
    task_run(&s->offer, offer_begin);
}

static void setup_ended(struct task *t)
{
    struct serve *s = t->state;

    arena_free(t->arena);
    s->registering = false;
}

static void setup_failed(struct task *t, int rc)
{
    log_warn("key_register_failed", "rc=%s", rc_name(rc));
    task_end(t); /* the next tick tries again */
}

static int setup_done(struct task *t)
{
    struct serve *s = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    flow_key_known(&s->flow, (int16_t)db_i64(r, 0, 0));
    log_info("ready", "kid=%s key_no=%d", s->flow.kid, s->flow.key_no);
    offer_setup(s);
    task_end(t);
    return RC_OK;
}

static int setup_begin(struct task *t)
{
    struct serve *s = t->state;
    uint8_t *public_key = arena_alloc(t->arena, ED25519_KEY_SIZE);
    struct db_args a;

    if (public_key == NULL)
        return RC_NOMEM;
    ed25519_public(s->flow.receipt_key, public_key);
    db_args_init(&a, t->arena);
    db_arg_text(&a, slice_of(s->flow.kid));
    db_arg_bytes(&a, (struct slice){ (char *)public_key, ED25519_KEY_SIZE });
    db_arg_text(&a, slice_of(s->flow.origin));
    db_arg_time(&a, clock_wall_us());
    return db_call(s->flow.db, t, DB_KEY_REGISTER, &a, setup_done);
}

/* --- the kinds of codes: which letters a memo is searched for --- */

static void kinds_ended(struct task *t)
{
    struct serve *s = t->state;

    arena_free(t->arena);
    s->asking_kinds = false;
}

static void kinds_failed(struct task *t, int rc)
{
    log_warn("kinds_not_read", "rc=%s do=\"the old list is used; the next look is soon\"", rc_name(rc));
    task_end(t);
}

static int kinds_done(struct task *t)
{
    struct serve *s = t->state;
    int rc = flow_kinds_read(t, &s->flow.kinds);

    if (rc == RC_OK)
        task_end(t);
    return rc;
}

static int kinds_begin(struct task *t)
{
    const struct serve *s = t->state;

    return flow_kinds_ask(t, s->flow.db, kinds_done);
}

static void kinds_look(struct serve *s)
{
    struct arena *arena = s->asking_kinds || loop_now_ms(s->flow.loop) < s->kinds_due_ms || !db_ready(s->flow.db) ? NULL : arena_new(0);

    if (arena == NULL)
        return;
    s->asking_kinds = true;
    s->kinds_due_ms = loop_now_ms(s->flow.loop) + FLOW_KINDS_PERIOD_MS;
    task_begin(&s->kinds, s->flow.loop, arena, loop_now_ms(s->flow.loop) + SETUP_DEADLINE_MS, kinds_failed, kinds_ended);
    s->kinds.state = s;
    task_run(&s->kinds, kinds_begin);
}

static void serve_tick(void *arg)
{
    struct serve *s = arg;
    struct arena *arena;

    if (db_schema_state(s->flow.db) == RC_CONFLICT && !s->failed_schema) {
        log_error("schema_differs", "do=\"run khop migrate with this version's khop, or start the khopd that fits\"");
        s->failed_schema = true;
        s->exit_status = APP_EXIT_CONFIG;
        http_drain(s->http);
        loop_stop(s->flow.loop);
        return;
    }
    if (!loop_stopping(s->flow.loop))
        kinds_look(s);
    if (s->flow.key_no != 0 && s->tick.ms == TICK_START_MS)
        (void)!loop_timer_start(s->flow.loop, &s->tick, TICK_MS, true, serve_tick, s);
    if (s->flow.key_no != 0 && db_ready(s->flow.db) && !loop_stopping(s->flow.loop))
        metrics_look(s);
    if (s->flow.key_no != 0 || s->registering || db_schema_state(s->flow.db) != RC_OK)
        return;
    arena = arena_new(0);
    if (arena == NULL)
        return;
    s->registering = true;
    task_begin(&s->setup, s->flow.loop, arena, loop_now_ms(s->flow.loop) + SETUP_DEADLINE_MS, setup_failed, setup_ended);
    s->setup.state = s;
    task_run(&s->setup, setup_begin);
}

/* --- signals --- */

static void on_term(int signo, void *arg)
{
    struct serve *s = arg;

    log_info("draining", "signal=%d", signo);
    http_drain(s->http);
    loop_stop(s->flow.loop);
}

static void on_hup(int signo, void *arg)
{
    struct serve *s = arg;
    const char *why = "";

    (void)signo;
    if (s->tls == NULL)
        return;
    if (tls_server_reload(s->tls, &why) < 0)
        log_error("certificate_not_reloaded", "why=\"%s\" kept=old", why);
    else
        log_info("certificate_reloaded", "file=%s", s->config->tls_cert);
}

/* --- one line and one count per answer; the pattern, not the path: paths carry tokens --- */

static void on_answer(const struct req *rq, int status, int64_t us)
{
    struct serve *s = rq->app;

    metrics_request(&s->metrics, status, us);
    log_debug("http", "trace=%s route=%s status=%d us=%lld", rq->task.trace, rq->route == NULL ? "-" : rq->route->pattern,
              status, (long long)us);
}

/* --- start and end --- */

static int serve_keys(struct serve *s, const struct app_keys *keys)
{
    uint8_t public_key[ED25519_KEY_SIZE];

    s->flow.receipt_key = ed25519_from_seed(keys->receipt_seed);
    if (s->flow.receipt_key == NULL)
        return RC_INTERNAL;
    ed25519_public(s->flow.receipt_key, public_key);
    memcpy(s->flow.field_key, keys->field_key, sizeof s->flow.field_key);
    return jws_thumbprint(public_key, s->flow.kid);
}

static int serve_open_auth(struct serve *s, const struct app_keys *keys)
{
    struct auth_config auth = { .loop = s->flow.loop, .origin = s->config->origin,
                                .factor_required = strcmp(s->config->second_factor, "offered") != 0,
                                .logins_per_address = s->config->logins_per_address };

    memcpy(auth.session_key, keys->session_key, sizeof auth.session_key);
    memcpy(auth.peppers, keys->peppers, sizeof auth.peppers);
    memcpy(auth.totp_key, keys->totp_key, sizeof auth.totp_key);
    s->flow.auth = auth_new(&auth);
    explicit_bzero(&auth, sizeof auth);
    return s->flow.auth == NULL ? RC_NOMEM : RC_OK;
}

static int serve_open_db(struct serve *s)
{
    struct db_config db = { .conninfo = s->config->database,
                            .lanes = (int)s->config->lanes,
                            .readers = (int)s->config->readers,
                            .role = DB_ROLE_SERVE };

    s->flow.db = db_open(s->flow.loop, &db);
    if (s->flow.db == NULL)
        return RC_NOMEM;
    s->flow.settle = db_batch_new(s->flow.db, &flow_settle_kind);
    s->flow.connections = flow_connections_new(CONNECTIONS_CACHED);
    s->flow.refusals = auth_rate_new(s->config->refusals_per_minute, REFUSALS_WINDOW_MS);
    s->flow.buckets = (int32_t)s->config->lanes;
    s->flow.watch = flow_watch_new(&s->flow, PAGES_WATCHED);
    return s->flow.settle == NULL || s->flow.connections == NULL || s->flow.watch == NULL ? RC_NOMEM : RC_OK;
}

static int serve_open_http(struct serve *s, int listener)
{
    const struct config *c = s->config;
    struct http_config h = { .routes = app_routes, .nroutes = app_nroutes, .app = s, .fail = web_fail,
                             .fail_status = web_fail_status, .languages = LANGUAGES, .done = on_answer };
    const char *why = "";
    char error[256];

    if (web_pages_start(error, sizeof error) < 0) {
        log_error("templates_not_compiled", "why=\"%s\"", error);
        return RC_INTERNAL;
    }
    if (web_voice_load(c->voice_dir, error, sizeof error) < 0) /* no reason to take no money: the browser's voice is used */
        log_error("voice_pack_refused", "why=\"%s\"", error);
    memcpy(s->hosts, c->hosts, sizeof s->hosts);
    memcpy(s->proxies, c->proxies, sizeof s->proxies);
    memcpy(s->webhook_allow, c->webhook_allow, sizeof s->webhook_allow);
    if (config_list(s->hosts, s->host_list) < 0 || config_list(s->proxies, s->proxy_list) < 0 ||
        config_list(s->webhook_allow, s->webhook_list) < 0) {
        log_error("list_too_long", "setting=hosts_or_proxies_or_webhook_allow max=%d", CONFIG_LIST_MAX);
        return RC_BAD_INPUT;
    }
    s->flow.webhook_allow = s->webhook_list;
    h.hosts = s->host_list[0] != NULL ? s->host_list : NULL;
    h.proxies = s->proxy_list[0] != NULL ? s->proxy_list : NULL;
    h.limits.connections = (size_t)c->max_connections;
    h.limits.per_address = (size_t)c->per_address;
    if (c->tls_cert[0] != '\0') {
        s->tls = tls_server_new(c->tls_cert, c->tls_key, &why);
        if (s->tls == NULL) {
            log_error("certificate_not_read", "file=%s why=\"%s\"", c->tls_cert, why);
            return RC_BAD_INPUT;
        }
        h.tls = s->tls;
    }
    s->http = http_serve(s->flow.loop, listener, &h);
    return s->http == NULL ? RC_NOMEM : RC_OK;
}

static int serve_open(struct serve *s, const struct app_keys *keys, int listener)
{
    int rc = crypto_init();

    if (rc == RC_OK)
        rc = serve_keys(s, keys);
    if (rc == RC_OK && (s->flow.loop = loop_new()) == NULL)
        rc = RC_NOMEM;
    if (rc == RC_OK)
        rc = serve_open_auth(s, keys);
    if (rc == RC_OK)
        rc = serve_open_db(s);
    if (rc == RC_OK)
        rc = serve_open_http(s, listener);
    if (rc == RC_OK)
        rc = loop_signal(s->flow.loop, SIGTERM, on_term, s);
    if (rc == RC_OK)
        rc = loop_signal(s->flow.loop, SIGINT, on_term, s);
    if (rc == RC_OK)
        rc = loop_signal(s->flow.loop, SIGHUP, on_hup, s);
    if (rc == RC_OK)
        rc = loop_timer_start(s->flow.loop, &s->tick, TICK_START_MS, true, serve_tick, s);
    return rc;
}

static void serve_close(struct serve *s)
{
    loop_timer_stop(&s->tick);
    if (s->http != NULL)
        http_free(s->http);
    if (s->tls != NULL)
        tls_server_free(s->tls);
    web_voice_free();
    web_pages_stop();
    flow_watch_free(s->flow.watch);
    if (s->flow.settle != NULL)
        db_batch_free(s->flow.settle);
    if (s->flow.db != NULL)
        db_close(s->flow.db);
    flow_connections_free(s->flow.connections);
    auth_free(s->flow.auth);
    auth_rate_free(s->flow.refusals);
    ed25519_free(s->flow.receipt_key);
    if (s->flow.loop != NULL)
        loop_free(s->flow.loop);
    crypto_end();
}

int app_serve(const struct config *config, const struct app_keys *keys, int listener, int index)
{
    struct serve s = { .config = config, .index = index, .flow = { .origin = config->origin } };
    int rc;

    flow_kinds_init(&s.flow.kinds);
    rc = serve_open(&s, keys, listener);

    if (rc == RC_OK) {
        log_info("serving", "index=%d listen=%s origin=%s lanes=%lld", index, config->listen, config->origin,
                 (long long)config->lanes);
        rc = loop_run(s.flow.loop, config->drain_ms);
    } else {
        log_error("serve_not_started", "rc=%s", rc_name(rc));
        s.exit_status = rc == RC_BAD_INPUT ? APP_EXIT_CONFIG : 1;
    }
    serve_close(&s);
    return rc < 0 && s.exit_status == 0 ? 1 : s.exit_status;
}
