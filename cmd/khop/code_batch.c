/* khop code batch: a file of codes through the API. */
#include "client.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/crypto/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define FILE_MAX  (64u << 20)
#define LOOK_MS   250
#define FOLLOW_MS (INT64_C(60) * 60 * 1000)

static int read_file(const char *name, struct buf *out)
{
    FILE *f = fopen(name, "rb");

    if (f == NULL)
        return cmd_fail("cannot read %s: %s", name, strerror(errno));
    for (char *room; (room = buf_room(out, 65536)) != NULL;) {
        size_t n = fread(room, 1, 65536, f);

        out->n += n;
        if (n == 0)
            break;
    }
    int bad = ferror(f);

    fclose(f);
    if (bad)
        return cmd_fail("cannot read %s", name);
    return out->failed || out->n > FILE_MAX ? cmd_fail("%s is larger than 64 MiB", name) : CMD_OK;
}

static int random_key(struct buf *out)
{
    uint8_t random[16];

    if (crypto_init() < 0 || crypto_random(random, sizeof random) < 0)
        return cmd_fail("the system gives no random numbers");
    enc_hex(out, random, sizeof random);
    return out->failed ? cmd_fail("no memory") : CMD_OK;
}

static const char *text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "-";
}

static long long number_of(const json_t *doc, const char *name)
{
    return (long long)json_integer_value(json_object_get(doc, name));
}

static int show(const json_t *doc, bool json)
{
    const char *state = text_of(doc, "state");
    json_t *e;
    size_t i;

    if (json) {
        char *text = json_dumps(doc, JSON_COMPACT);

        if (text != NULL)
            puts(text);
        free(text);
    } else {
        printf("%s  %s  %lld issued\n%s\n", text_of(doc, "id"), state, number_of(doc, "done"), text_of(doc, "codes_url"));
    }
    if (strcmp(state, "failed") != 0)
        return strcmp(state, "cancelled") == 0 ? CMD_FAILED : CMD_OK;
    cmd_fail("nothing was issued: %lld faults", number_of(doc, "error_count"));
    json_array_foreach(json_object_get(doc, "errors"), i, e)
        fprintf(stderr, "  line %lld %s: %s\n", number_of(e, "line"), text_of(e, "pointer"), text_of(e, "detail"));
    return CMD_FAILED;
}

static bool is_open(const json_t *doc)
{
    const char *state = text_of(doc, "state");

    return strcmp(state, "queued") == 0 || strcmp(state, "running") == 0;
}

/* Asks until the job has ended; progress goes to a terminal only. */
static json_t *follow(const struct client_options *o, json_t *doc)
{
    int64_t until = clock_mono_ms() + FOLLOW_MS;
    const struct timespec pause = { 0, LOOK_MS * 1000000L };
    char path[128];

    snprintf(path, sizeof path, "/api/v1/jobs/%s", text_of(doc, "id"));
    while (doc != NULL && is_open(doc) && clock_mono_ms() < until) {
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%lld of %lld ", number_of(doc, "done"), number_of(doc, "total"));
        nanosleep(&pause, NULL);
        json_decref(doc);
        doc = client_api(o, path, NULL, NULL);
    }
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return doc;
}

static int send_file(const struct client_options *o, const char *name, const char *key, bool wait)
{
    size_t n = strlen(name);
    const char *type = n > 4 && strcmp(name + n - 4, ".csv") == 0 ? "text/csv" : "application/jsonl";
    struct buf file, fresh;
    json_t *doc = NULL;

    buf_init(&file, FILE_MAX + 65536 + 1);
    buf_init(&fresh, 64);
    int code = read_file(name, &file);

    if (code == CMD_OK && key == NULL)
        code = random_key(&fresh);
    if (code == CMD_OK) {
        doc = client_api_send(o, "/api/v1/codes/batch", type, file.p == NULL ? SLICE("") : buf_slice(&file), key != NULL ? key : fresh.p);
        if (doc != NULL && wait)
            doc = follow(o, doc);
        code = doc == NULL ? CMD_FAILED : show(doc, o->json);
    }
    json_decref(doc);
    buf_release(&file);
    buf_release(&fresh);
    return code;
}

int cmd_code_batch(int argc, char **argv)
{
    bool wait = cmd_take_flag(&argc, argv, "--follow");
    const char *key = NULL;
    struct client_options o;
    int code = client_take_options(&argc, argv, &o);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--key", &key) < 0)
        return cmd_usage("--key needs a value");
    code = cmd_take_end(&argc, argv, 1, 1);
    return code != CMD_OK ? code : send_file(&o, argv[0], key, wait);
}
