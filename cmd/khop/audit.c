/* khop audit: the log of audit events on a machine that the server's administrator does not command. A copy is a file of JSON lines;
 * what the database tells later must go on from it, link by link. */
#include "cmd.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/map.h"
#include "khop/base/num.h"
#include "khop/crypto/crypto.h"
#include "khop/db/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define CHAINS_MAX 100000
#define LINES_MAX  1000 /* of one answer */
#define LINE_SIZE  8192
#define KEY_SIZE   48

struct chain {
    int32_t bucket;
    int64_t org, seq;
    uint8_t hash[SHA256_SIZE];
};

struct copy {
    struct map *chains;
    size_t events;
    char why[256];
};

/* --- a link --- */

/* A text as PostgreSQL's jsonb writes it. */
static void put_json_text(struct buf *out, const char *text)
{
    static const char escapes[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";

    if (text == NULL) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        const char *found = strchr(escapes, *p);

        if (found != NULL)
            buf_printf(out, "\\%c", letters[found - escapes]);
        else if ((unsigned char)*p < 0x20)
            buf_printf(out, "\\u%04x", (unsigned char)*p);
        else
            buf_putc(out, *p);
    }
    buf_putc(out, '"');
}

/* The hash of an event behind the one with the hash `before` (sql/functions/audit_link.sql). */
static int link_hash(const json_t *event, const struct chain *c, int64_t seq, int64_t at_us, uint8_t out[SHA256_SIZE])
{
    static const char *const members[] = { "session_hash8", "ip", "req_id", "action", "object", "result", "detail" };
    const char *actor = json_string_value(json_object_get(event, "actor"));
    struct buf text;
    int rc;

    buf_init(&text, (size_t)2 * LINE_SIZE);
    buf_printf(&text, "%" PRId32 "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%s|[", c->bucket, c->org, seq, at_us, actor == NULL ? "" : actor);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (i > 0)
            buf_puts(&text, ", ");
        put_json_text(&text, json_string_value(json_object_get(event, members[i])));
    }
    buf_putc(&text, ']');
    const struct slice parts[] = { { (const char *)c->hash, sizeof c->hash }, buf_slice(&text) };

    rc = text.failed ? RC_NOMEM : crypto_sha256_parts(parts, 2, out);
    buf_release(&text);
    return rc;
}

static struct chain *chain_of(struct copy *k, int32_t bucket, int64_t org)
{
    char key[KEY_SIZE];
    struct slice name = { key, (size_t)snprintf(key, sizeof key, "%" PRId32 "/%" PRId64, bucket, org) };
    struct chain *c = map_get(k->chains, name);

    if (c != NULL)
        return c;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->bucket = bucket;
    c->org = org;
    if (map_put(k->chains, name, c, NULL) == RC_OK)
        return c;
    free(c);
    return NULL;
}

static int differs(struct copy *k, const char *what, const json_t *event)
{
    snprintf(k->why, sizeof k->why, "organisation %s, event %" PRId64 ": %s", json_string_value(json_object_get(event, "org")),
             (int64_t)json_integer_value(json_object_get(event, "seq")), what);
    return CMD_DIFFERENT;
}

static int follow_event(struct copy *k, const json_t *event)
{
    struct slice org_text = slice_of(json_string_value(json_object_get(event, "org"))), hash_text = slice_of(json_string_value(json_object_get(event, "hash")));
    int64_t seq = json_integer_value(json_object_get(event, "seq")), bucket = json_integer_value(json_object_get(event, "bucket")), at_us, org;
    uint8_t told[SHA256_SIZE], hash[SHA256_SIZE];
    size_t n = 0;
    struct chain *c;

    if (num_parse(org_text, 0, INT64_MAX, false, &org) < 0 || bucket < 0 || bucket > INT32_MAX || dec_hex(hash_text, told, sizeof told, &n) < 0 || n != sizeof told ||
        clock_parse_rfc3339(slice_of(json_string_value(json_object_get(event, "ts"))), &at_us) < 0) {
        snprintf(k->why, sizeof k->why, "a line is no audit event");
        return CMD_DIFFERENT;
    }
    c = chain_of(k, (int32_t)bucket, org);
    if (c == NULL)
        return cmd_fail("no memory for more organisations");
    if (seq != c->seq + 1)
        return differs(k, seq <= c->seq ? "it is there twice" : "the one before it is missing", event);
    if (link_hash(event, c, seq, at_us, hash) < 0)
        return cmd_fail("a hash cannot be made");
    if (memcmp(hash, told, sizeof hash) != 0)
        return differs(k, "it, or one before it, is not what was written", event);
    c->seq = seq;
    memcpy(c->hash, hash, sizeof c->hash);
    k->events++;
    return CMD_OK;
}

static int follow_line(struct copy *k, struct slice line)
{
    json_t *event = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
    int code;

    if (!json_is_object(event)) {
        snprintf(k->why, sizeof k->why, "a line is no JSON object");
        code = CMD_DIFFERENT;
    } else {
        code = follow_event(k, event);
    }
    json_decref(event);
    return code;
}

/* --- files --- */

static bool chain_free(struct slice key, void *value, void *arg)
{
    (void)key;
    (void)arg;
    free(value);
    return true;
}

static void copy_close(struct copy *k)
{
    if (k->chains != NULL)
        map_each(k->chains, chain_free, NULL);
    map_free(k->chains);
}

/* Follows the lines of a file; *whole is where its last whole line ends. */
static int follow_file(struct copy *k, FILE *f, long *whole)
{
    static char line[LINE_SIZE];
    int code = CMD_OK;

    *whole = 0;
    while (code == CMD_OK && fgets(line, sizeof line, f) != NULL) {
        size_t n = strlen(line);

        if (n == 0 || line[n - 1] != '\n') {
            if (!feof(f)) {
                snprintf(k->why, sizeof k->why, "a line is too long");
                code = CMD_DIFFERENT;
            }
            break; /* torn: whoever wrote it was stopped */
        }
        code = follow_line(k, (struct slice){ line, n - 1 });
        *whole += (long)n;
    }
    return ferror(f) ? cmd_fail("the file cannot be read") : code;
}

static bool copy_open(struct copy *k)
{
    *k = (struct copy){ .chains = map_new(CHAINS_MAX) };
    return crypto_init() == RC_OK && k->chains != NULL;
}

int cmd_audit_verify(int argc, char **argv)
{
    int code = cmd_take_end(&argc, argv, 1, 1000), worst = CMD_OK;

    if (code != CMD_OK)
        return code;
    for (int i = 0; i < argc; i++) {
        FILE *f = fopen(argv[i], "re");
        struct copy k = { 0 };
        long whole;

        if (f == NULL) {
            worst = cmd_fail("%s cannot be opened: %s", argv[i], strerror(errno));
            continue;
        }
        code = copy_open(&k) ? follow_file(&k, f, &whole) : cmd_fail("no memory");
        if (code == CMD_OK)
            printf("%s: ok, %zu events of %zu organisations, each linked to the one before\n", argv[i], k.events, map_count(k.chains));
        else if (code == CMD_DIFFERENT)
            printf("%s: DIFFERENT, %s\n", argv[i], k.why);
        worst = code > worst ? code : worst;
        copy_close(&k);
        fclose(f);
    }
    return worst;
}

/* --- the copy --- */

struct places {
    int32_t *buckets;
    int64_t *orgs, *seqs;
    size_t n;
};

static bool place_add(struct slice key, void *value, void *arg)
{
    const struct chain *c = value;
    struct places *p = arg;

    (void)key;
    p->buckets[p->n] = c->bucket;
    p->orgs[p->n] = c->org;
    p->seqs[p->n++] = c->seq;
    return true;
}

/* One lot of what is new: appended when it goes on from what is there. *n: how many lines. */
static int copy_lot(struct copy *k, struct db_admin *db, FILE *to, int *n)
{
    struct arena *arena = arena_new(0);
    size_t count = map_count(k->chains);
    struct places p = { arena_array(arena, count + 1, sizeof(int32_t)), arena_array(arena, count + 1, sizeof(int64_t)), arena_array(arena, count + 1, sizeof(int64_t)), 0 };
    const struct db_rows *rows;
    struct db_error error;
    struct db_args a;
    int code = CMD_OK;

    if (p.buckets == NULL || p.orgs == NULL || p.seqs == NULL) {
        arena_free(arena);
        return cmd_fail("no memory");
    }
    map_each(k->chains, place_add, &p);
    db_args_init(&a, arena);
    db_arg_i32_array(&a, p.buckets, NULL, p.n);
    db_arg_i64_array(&a, p.orgs, NULL, p.n);
    db_arg_i64_array(&a, p.seqs, NULL, p.n);
    db_arg_i32(&a, LINES_MAX);
    if (db_admin_call(db, DB_AUDIT_LINES, &a, &rows, &error) < 0)
        code = cmd_fail("%s", error.text);
    for (*n = 0; code == CMD_OK && *n < db_rows_count(rows); (*n)++) {
        struct slice line = db_text(rows, *n, 1);

        if (db_i64(rows, *n, 0) < 0) {
            snprintf(k->why, sizeof k->why, "events that were copied are gone: %.*s", (int)(line.n > 120 ? 120 : line.n), line.p);
            code = CMD_DIFFERENT;
        } else {
            code = follow_line(k, line);
        }
        if (code == CMD_OK && fprintf(to, "%.*s\n", SLICE_FMT(line)) < 0)
            code = cmd_fail("the copy cannot be written");
    }
    if ((fflush(to) != 0 || fsync(fileno(to)) < 0) && code == CMD_OK)
        code = cmd_fail("the copy cannot be written: %s", strerror(errno));
    arena_free(arena);
    return code;
}

static int copy_on(struct copy *k, const char *conninfo, FILE *to, bool follow)
{
    const struct timespec pause = { 1, 0 };
    struct db_admin *db;
    struct db_error error;
    int n = 0, code = CMD_OK;

    if (db_admin_open(&db, conninfo, NULL, &error) < 0)
        return cmd_fail("%s", error.text);
    do {
        code = copy_lot(k, db, to, &n);
        if (code == CMD_OK && n < LINES_MAX && follow)
            nanosleep(&pause, NULL);
    } while (code == CMD_OK && (follow || n == LINES_MAX));
    db_admin_close(db);
    return code;
}

int cmd_audit_copy(int argc, char **argv)
{
    const char *conninfo;
    bool follow = cmd_take_flag(&argc, argv, "--follow");
    struct copy k = { 0 };
    long whole = 0;
    int fd, code = cmd_take_database(&argc, argv, &conninfo);
    FILE *f;

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 1, 1);
    if (code != CMD_OK)
        return code;
    fd = open(argv[0], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    f = fd < 0 ? NULL : fdopen(fd, "r+");
    if (f == NULL)
        return cmd_fail("%s cannot be opened: %s", argv[0], strerror(errno));
    code = copy_open(&k) ? follow_file(&k, f, &whole) : cmd_fail("no memory");
    if (code == CMD_OK && (ftruncate(fd, whole) < 0 || fseek(f, whole, SEEK_SET) < 0))
        code = cmd_fail("%s cannot be written: %s", argv[0], strerror(errno));
    if (code == CMD_OK)
        code = copy_on(&k, conninfo, f, follow);
    if (code == CMD_DIFFERENT)
        fprintf(stderr, "%s: DIFFERENT, %s\n", argv[0], k.why);
    else if (code == CMD_OK)
        printf("%s: %zu events of %zu organisations\n", argv[0], k.events, map_count(k.chains));
    copy_close(&k);
    fclose(f);
    return code;
}
