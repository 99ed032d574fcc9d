#include "khop/flow/connection.h"

#include "khop/base/log.h"
#include "khop/base/map.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define FRESH_MS 2000
#define STALE_MS 60000

/* Bound to what it is used for, so that no other sealed value can be put in a secret's place. */
static const struct slice SECRET_AD = { "khop/connection-secret/v1", 25 };

struct flow_connections {
    struct map *by_hook;
    size_t max;
};

struct flow_connections *flow_connections_new(size_t max)
{
    struct flow_connections *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->max = max;
    c->by_hook = map_new(max);
    if (c->by_hook == NULL) {
        free(c);
        return NULL;
    }
    return c;
}

static void connection_free(struct flow_connection *c)
{
    for (size_t i = 0; i < c->nsecrets; i++)
        provider_secret_free(c->secrets[i]);
    free(c);
}

/* Requests in flight keep using the entry they found; the last one frees it. */
static void connection_drop(struct flow_connection *c)
{
    c->dropped = true;
    if (c->users == 0)
        connection_free(c);
}

static void connection_unuse(void *arg)
{
    struct flow_connection *c = arg;

    c->users--;
    if (c->dropped && c->users == 0)
        connection_free(c);
}

static bool drop_each(struct slice key, void *value, void *arg)
{
    (void)key;
    (void)arg;
    connection_drop(value);
    return true;
}

void flow_connections_free(struct flow_connections *c)
{
    if (c == NULL)
        return;
    map_each(c->by_hook, drop_each, NULL);
    map_free(c->by_hook);
    free(c);
}

static struct slice hook_slice(const uint8_t hook[FLOW_HOOK_SIZE])
{
    return (struct slice){ (const char *)hook, FLOW_HOOK_SIZE };
}

/* --- reading one connection --- */

enum connection_col { K_BUCKET, K_ORG, K_ACCOUNT, K_ID, K_BIN, K_ACCOUNT_NO, K_PROVIDER, K_MODE, K_ROLE, K_ACTIVE, K_SECRET, K_SECRET_ID };

static int connection_add_secret(struct flow *f, struct flow_connection *c, struct slice sealed)
{
    uint8_t plain[512];
    size_t n;
    int rc = crypto_open(f->field_key, SECRET_AD, sealed, plain, sizeof plain, &n);

    if (rc == RC_OK)
        rc = provider_secret_new(c->mode, (struct slice){ (char *)plain, n }, &c->secrets[c->nsecrets]);
    explicit_bzero(plain, sizeof plain);
    if (rc == RC_OK)
        c->nsecrets++;
    return rc;
}

static bool copy_text(char *out, size_t size, struct slice s)
{
    if (s.n >= size)
        return false;
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}

static int connection_from_rows(struct flow *f, const struct db_rows *r, struct flow_connection *c)
{
    c->bucket = (int32_t)db_i64(r, 0, K_BUCKET);
    c->org_id = db_i64(r, 0, K_ORG);
    c->account_id = db_i64(r, 0, K_ACCOUNT);
    c->id = db_i64(r, 0, K_ID);
    c->provider = (int)db_i64(r, 0, K_PROVIDER);
    c->mode = (int)db_i64(r, 0, K_MODE);
    c->witness = db_i64(r, 0, K_ROLE) == 2;
    c->active = db_bool(r, 0, K_ACTIVE);
    if (!copy_text(c->bin, sizeof c->bin, db_text(r, 0, K_BIN)) ||
        !copy_text(c->account_no, sizeof c->account_no, db_text(r, 0, K_ACCOUNT_NO)))
        return RC_INTERNAL;
    for (int i = 0; i < db_rows_count(r) && c->nsecrets < FLOW_SECRETS_MAX; i++) {
        int rc = connection_add_secret(f, c, db_text(r, i, K_SECRET));

        if (rc < 0) {
            log_error("connection_secret_unusable", "connection=%lld rc=%s do=\"is field.key the one it was stored with?\"",
                      (long long)c->id, rc_name(rc));
            return RC_INTERNAL;
        }
    }
    return RC_OK;
}

static int connection_store(struct flow *f, const uint8_t hook[FLOW_HOOK_SIZE], struct flow_connection *c)
{
    struct flow_connections *all = f->connections;
    void *old = NULL;
    int rc;

    memcpy(c->hook, hook, FLOW_HOOK_SIZE);
    c->read_ms = loop_now_ms(f->loop);
    rc = map_put(all->by_hook, hook_slice(hook), c, &old);
    if (rc == RC_TOO_LARGE) {
        /* Full: everything is forgotten and read again as it is needed. */
        map_each(all->by_hook, drop_each, NULL);
        map_free(all->by_hook);
        all->by_hook = map_new(all->max);
        rc = all->by_hook == NULL ? RC_NOMEM : map_put(all->by_hook, hook_slice(hook), c, &old);
    }
    if (rc == RC_OK && old != NULL)
        connection_drop(old);
    return rc;
}

struct find {
    struct flow *f;
    uint8_t hook[FLOW_HOOK_SIZE];
    task_step next;
};

static int find_read(struct task *t)
{
    struct find *find = t->state;
    const struct db_rows *r = db_result(t);
    struct flow_connection *c;
    int rc;

    t->rescue = NULL;
    if (db_rows_count(r) == 0) {
        c = map_remove(find->f->connections->by_hook, hook_slice(find->hook));
        if (c != NULL)
            connection_drop(c);
        return RC_NOT_FOUND;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return RC_NOMEM;
    rc = connection_from_rows(find->f, r, c);
    if (rc == RC_OK)
        rc = connection_store(find->f, find->hook, c);
    if (rc < 0) {
        connection_free(c);
        return rc;
    }
    t->state = c;
    return find->next(t);
}

static int find_failed(struct task *t, int rc)
{
    struct find *find = t->state;
    struct flow_connection *c = map_get(find->f->connections->by_hook, hook_slice(find->hook));

    if (c == NULL || rc == RC_TIMEOUT || loop_now_ms(find->f->loop) - c->read_ms > STALE_MS)
        return rc;
    t->state = c;
    return find->next(t);
}

int flow_connection_find(struct task *t, struct flow *f, const uint8_t hook[FLOW_HOOK_SIZE], task_step next)
{
    struct flow_connection *c = map_get(f->connections->by_hook, hook_slice(hook));
    struct find *find;
    struct db_args a;

    if (c != NULL && loop_now_ms(f->loop) - c->read_ms <= FRESH_MS) {
        t->state = c;
        return next(t);
    }
    find = task_state(t, sizeof *find);
    if (find == NULL)
        return RC_NOMEM;
    find->f = f;
    find->next = next;
    memcpy(find->hook, hook, FLOW_HOOK_SIZE);
    db_args_init(&a, t->arena);
    db_arg_bytes(&a, hook_slice(find->hook));
    t->rescue = find_failed;
    return db_call(f->db, t, DB_CONNECTION_GET, &a, find_read);
}

int flow_connection_of(struct task *t, struct flow_connection **out)
{
    struct flow_connection *c = t->state;

    if (!c->active)
        return RC_NOT_FOUND;
    c->users++;
    if (arena_defer(t->arena, connection_unuse, c) < 0)
        return RC_NOMEM;
    *out = c;
    return RC_OK;
}

struct changed {
    int64_t id, read_ms;
};

static bool age_if_same(struct slice key, void *value, void *arg)
{
    const struct changed *changed = arg;
    struct flow_connection *c = value;

    (void)key;
    if (c->id != changed->id)
        return true;
    if (c->read_ms > changed->read_ms)
        c->read_ms = changed->read_ms;
    return false;
}

void flow_connection_changed(struct flow *f, int64_t id)
{
    struct changed changed = { id, loop_now_ms(f->loop) - FRESH_MS - 1 };

    map_each(f->connections->by_hook, age_if_same, &changed);
}

/* --- making and changing --- */

int flow_secret_seal(const uint8_t field_key[SEAL_KEY_SIZE], struct slice secret, uint8_t *out, size_t cap, size_t *n)
{
    return crypto_seal(field_key, SECRET_AD, secret, out, cap, n);
}

static int secret_seal(struct task *t, struct flow *f, int mode, struct slice secret, struct slice *sealed)
{
    struct provider_secret *probe = NULL;
    size_t cap = secret.n + SEAL_OVERHEAD, n;
    uint8_t *out;
    int rc = provider_secret_new(mode, secret, &probe);

    provider_secret_free(probe);
    if (rc < 0)
        return rc;
    out = arena_alloc(t->arena, cap);
    if (out == NULL)
        return RC_NOMEM;
    rc = flow_secret_seal(f->field_key, secret, out, cap, &n);
    *sealed = (struct slice){ (char *)out, n };
    return rc;
}

int flow_connection_create(struct task *t, struct flow *f, const struct flow_connection_spec *spec, task_step next)
{
    uint8_t *hook = arena_alloc(t->arena, FLOW_HOOK_SIZE);
    int64_t random, secret_random;
    struct slice sealed;
    struct db_args a;
    int rc;

    if (hook == NULL)
        return RC_NOMEM;
    if (crypto_random(hook, FLOW_HOOK_SIZE) < 0 || flow_random48(&random) < 0 || flow_random48(&secret_random) < 0)
        return RC_INTERNAL;
    rc = secret_seal(t, f, spec->mode, spec->secret, &sealed);
    if (rc < 0)
        return rc;
    flow_args(&a, t, spec->token_hash);
    db_arg_i64(&a, random);
    db_arg_bytes(&a, hook_slice(hook));
    db_arg_i64(&a, spec->account_id);
    db_arg_i16(&a, (int16_t)spec->provider);
    db_arg_i16(&a, (int16_t)spec->mode);
    db_arg_bytes(&a, sealed);
    db_arg_i64(&a, secret_random);
    return db_call(f->db, t, DB_CONNECTION_CREATE, &a, next);
}

int flow_connection_add_secret(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int mode,
                               struct slice secret, task_step next)
{
    struct slice sealed;
    struct db_args a;
    int64_t random;
    int rc = secret_seal(t, f, mode, secret, &sealed);

    if (rc < 0)
        return rc;
    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, random);
    db_arg_i64(&a, id);
    db_arg_bytes(&a, sealed);
    return db_call(f->db, t, DB_CONNECTION_SECRET_ADD, &a, next);
}

int flow_connection_end_secret(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t secret_id,
                               task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i64(&a, secret_id);
    return db_call(f->db, t, DB_CONNECTION_SECRET_END, &a, next);
}

int flow_connection_show(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_CONNECTION_SHOW, &a, next);
}

int flow_connection_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit,
                         task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_CONNECTION_LIST, &a, next);
}
