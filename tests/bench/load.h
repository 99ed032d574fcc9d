/* The load generator. Requests are made and signed beforehand (load_plan), sent over N keep-alive connections, one request
 * each (load_wire), and only 2xx count. Everything is deterministic but the timing. */
#ifndef KHOP_LOAD_H
#define KHOP_LOAD_H

#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was seeded: organisations with an account and a SePay connection (HMAC) each, and codes with a sum. */
struct load_world {
    int64_t orgs, codes, buckets;
};

struct load_code {
    int64_t org;
    int32_t code_no;
    int64_t amount;
};

/* Code j of the world: a fifth of them belongs to organisation 0. */
struct load_code load_code_at(const struct load_world *w, int64_t j);
int32_t load_bucket(const struct load_world *w, int64_t org);
int64_t load_id(const struct load_world *w, int64_t org, int64_t n); /* bucket and n */
void load_hook(int64_t org, uint8_t hook[16]);
void load_account_no(int64_t org, char out[16]);
void load_secret(int64_t org, char out[40]);

/* SQL that makes organisations, accounts, connections; the codes are made in the database by seed.sql. */
int load_seed(const struct load_world *w, const char *field_key_path);

/* Requests, one after the other in memory. */
struct load_plan {
    char *bytes;
    size_t size, cap;
    size_t *at; /* n + 1 offsets */
    size_t n;
};

struct load_want {
    struct load_world world;
    int64_t first;      /* first code to use */
    int64_t n;          /* requests */
    bool one_org;       /* only organisation 0's codes */
    int repeats;        /* every notice this often (1 = once) */
    int64_t paid_at;    /* seconds since 1970; 0: now. A repeat says the same time */
    const char *host;   /* Host header */
    const char *token;  /* for codes */
    const char *paths;  /* for get: a file with one path a line */
};

bool load_plan_settle(struct load_plan *p, const struct load_want *want);
bool load_plan_codes(struct load_plan *p, const struct load_want *want);
bool load_plan_get(struct load_plan *p, const struct load_want *want);
void load_plan_release(struct load_plan *p);

#define LOAD_HISTOGRAM (64 * 32)

struct load_result {
    uint64_t ok, bad, broken; /* 2xx, other answers, connections lost */
    double seconds;
    double client_cpu;
    uint64_t histogram[LOAD_HISTOGRAM]; /* microseconds, 32 steps a doubling */
    int first_bad_status;
};

struct load_run {
    const char *address;
    int port, connections;
    int64_t rate;        /* requests a second, 0: as fast as it goes */
    double seconds;      /* at most */
    bool tls;
    int64_t stop;        /* not 0: the server's process, to be stopped while a request a connection collects */
};

bool load_wire(const struct load_plan *p, const struct load_run *run, struct load_result *r);
/* Opens run->connections, uses each once, says "open" and waits to be killed; false when it cannot. */
bool load_idle(const struct load_run *run);
double load_percentile(const struct load_result *r, double share); /* milliseconds */

#endif
