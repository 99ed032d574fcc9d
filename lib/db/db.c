#include "khop/db/db.h"
#include "internal.h"
#include "khop/base/log.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

int db_schema_stmt(const struct db_schema *s, const char *name)
{
    for (size_t i = 0; i < s->n_stmts; i++) {
        if (strcmp(s->stmts[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const struct db_file *db_schema_file(const struct db_file *files, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    }
    return NULL;
}

int64_t db_jitter_ms(int attempt, int64_t base, int64_t cap)
{
    int64_t ms = base;

    for (int i = 1; i < attempt && ms < cap; i++)
        ms *= 2;
    if (ms > cap)
        ms = cap;
    return ms / 2 + (int64_t)arc4random_uniform((uint32_t)(ms - ms / 2 + 1));
}

static void before_sleep(void *arg)
{
    struct db *db = arg;

    pool_dispatch(db);
    gather_dispatch(db);
    for (int i = 0; i < db->config.lanes; i++)
        lane_pump(&db->lanes[i]);
}

static void tick(void *arg)
{
    struct db *db = arg;
    int64_t now = loop_now_ms(db->loop);

    pool_sweep(db);
    for (int i = 0; i < db->config.readers; i++)
        conn_tick(&db->readers[i], now);
    for (int i = 0; i < db->config.lanes; i++)
        conn_tick(&db->lanes[i].conn, now);
}

static void set_defaults(struct db_config *c)
{
    if (c->max_waiting == 0)
        c->max_waiting = 4096;
    if (c->connect_ms == 0)
        c->connect_ms = 5000;
    if (c->role == 0)
        c->role = DB_ROLE_SERVE;
    if (c->statement_ms == 0)
        c->statement_ms = 5000;
    if (c->stall_ms == 0)
        c->stall_ms = 60000;
    if (c->trouble_ms == 0)
        c->trouble_ms = 30000;
    if (c->schema == NULL)
        c->schema = &db_schema_builtin;
}

static int init_connections(struct db *db)
{
    int rc = RC_OK;

    for (int i = 0; rc == RC_OK && i < db->config.readers; i++)
        rc = conn_init(&db->readers[i], db, NULL);
    for (int i = 0; rc == RC_OK && i < db->config.readers; i++)
        rc = gather_init(&db->gathers[i], db, &db->readers[i]);
    for (int i = 0; rc == RC_OK && i < db->config.lanes; i++)
        rc = lane_init(&db->lanes[i], db, i);
    return rc;
}

static void release(struct db *db)
{
    for (int i = 0; db->lanes != NULL && i < db->config.lanes; i++) {
        if (db->lanes[i].db != NULL)
            lane_release(&db->lanes[i]);
    }
    for (int i = 0; db->readers != NULL && i < db->config.readers; i++)
        conn_release(&db->readers[i]);
    for (int i = 0; db->gathers != NULL && i < db->config.readers; i++)
        gather_release(&db->gathers[i]);
    free(db->lanes);
    free(db->gathers);
    free(db->readers);
    free(db);
}

struct db *db_open(struct loop *l, const struct db_config *config)
{
    struct db *db = calloc(1, sizeof *db);

    if (db == NULL)
        return NULL;
    db->loop = l;
    db->config = *config;
    set_defaults(&db->config);
    assert(db->config.readers >= 1 && db->config.readers <= DB_READERS_MAX);
    assert(db->config.lanes >= 0 && db->config.lanes <= DB_LANES_MAX);
    db->schema = db->config.schema;
    db->schema_state = RC_UNAVAILABLE;
    int version = db_schema_stmt(db->schema, "schema_version");

    db->version_stmt = version < 0 ? NULL : &db->schema->stmts[version];
    TAILQ_INIT(&db->waiting);
    TAILQ_INIT(&db->asking);
    db->readers = calloc((size_t)db->config.readers, sizeof *db->readers);
    db->gathers = calloc((size_t)db->config.readers, sizeof *db->gathers);
    db->lanes = calloc((size_t)db->config.lanes + 1, sizeof *db->lanes);
    if (db->readers == NULL || db->gathers == NULL || db->lanes == NULL || init_connections(db) < 0 ||
        loop_before_sleep(l, before_sleep, db) < 0) {
        release(db);
        return NULL;
    }
    if (loop_timer_start(l, &db->tick, DB_TICK_MS, true, tick, db) < 0) {
        db_close(db);
        return NULL;
    }
    for (int i = 0; i < db->config.readers; i++)
        conn_start(&db->readers[i]);
    for (int i = 0; i < db->config.lanes; i++)
        conn_start(&db->lanes[i].conn);
    return db;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db->closing = true;
    loop_before_sleep_remove(db->loop, before_sleep, db);
    loop_timer_stop(&db->tick);
    pool_close(db);
    release(db);
}

bool db_ready(const struct db *db)
{
    bool reader = false;

    for (int i = 0; i < db->config.readers; i++)
        reader |= conn_usable(&db->readers[i]);
    for (int i = 0; i < db->config.lanes; i++) {
        if (!conn_usable(&db->lanes[i].conn) || lane_resting(&db->lanes[i]))
            return false;
    }
    return reader && db->schema_state == RC_OK;
}

int db_schema_state(const struct db *db)
{
    return db->schema_state;
}

void db_stats(const struct db *db, struct db_stats *out)
{
    *out = db->stats;
    out->waiting = db->n_waiting;
    for (int i = 0; i < db->config.readers; i++)
        out->connected += db->readers[i].state == CONN_READY;
    for (int i = 0; i < db->config.lanes; i++)
        out->connected += db->lanes[i].conn.state == CONN_READY;
}
