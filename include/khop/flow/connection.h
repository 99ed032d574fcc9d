/* Connections: where an account's notices come from. Looked up on every notice, so kept in memory: an entry is fresh for
 * two seconds, then read again before it is trusted; without a database an old one may serve up to a minute, so that a
 * signature can still be checked (the notice itself then waits for the database, or gets 503). Unknown ids are not
 * remembered. Bounded. */
#ifndef KHOP_FLOW_CONNECTION_H
#define KHOP_FLOW_CONNECTION_H

#include "khop/flow/flow.h"
#include "khop/provider/provider.h"
#include <stdbool.h>

#define FLOW_HOOK_SIZE   16 /* bytes of the random part of a hook's address */
#define FLOW_SECRETS_MAX 3

struct flow_connection {
    int32_t bucket;
    int64_t org_id, account_id, id;
    char bin[8], account_no[24];
    int provider, mode;
    bool witness, active;
    size_t nsecrets;
    struct provider_secret *secrets[FLOW_SECRETS_MAX];
    /* private to flow/connection.c */
    uint8_t hook[FLOW_HOOK_SIZE];
    int64_t read_ms;
    int users;
    bool dropped;
};

struct flow_connections *flow_connections_new(size_t max); /* NULL without memory */
void flow_connections_free(struct flow_connections *c);

/* Parks the task only if the entry is not fresh; either way the next step runs and first of all takes the entry with
 * flow_connection_of, which stays valid until the task is released. RC_NOT_FOUND: no such hook, or it is not active. */
int flow_connection_find(struct task *t, struct flow *f, const uint8_t hook[FLOW_HOOK_SIZE], task_step next) RC_MUST;
int flow_connection_of(struct task *t, struct flow_connection **out) RC_MUST;

/* A secret was added or ended: the next notice of this process reads the connection anew, other processes within two
 * seconds. */
void flow_connection_changed(struct flow *f, int64_t id);

/* The stored form of a connection's secret (at most its size and SEAL_OVERHEAD). */
int flow_secret_seal(const uint8_t field_key[SEAL_KEY_SIZE], struct slice secret, uint8_t *out, size_t cap, size_t *n) RC_MUST;

struct flow_connection_spec {
    struct slice token_hash;
    int64_t account_id;
    int provider, mode;
    struct slice secret; /* as the provider's console shows it */
};
/* Rows of connection_create. The hook is in spec order: rc, id, hook, role, created. */
int flow_connection_create(struct task *t, struct flow *f, const struct flow_connection_spec *spec, task_step next) RC_MUST;
/* Rotation: a further secret beside the ones in use (rows: rc, RC_BUSY when three are active, and its id), and the end of
 * one (rc, RC_CONFLICT when it is the last). `mode` is the connection's own, from flow_connection_show. */
int flow_connection_add_secret(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int mode,
                               struct slice secret, task_step next) RC_MUST;
int flow_connection_end_secret(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t secret_id,
                               task_step next) RC_MUST;
/* Rows, one per active secret: rc, id, hook, account, provider, mode, role, active, created, secret id, its time. */
int flow_connection_show(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* Rows: rc, id, hook, account, provider, mode, role, active, created, secrets. */
int flow_connection_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit,
                         task_step next) RC_MUST;

#endif
