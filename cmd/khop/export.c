/* khop export: a report as a file. */
#include "client.h"

#include "khop/base/clock.h"
#include "khop/flow/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define LOOK_MS   250
#define FOLLOW_MS (INT64_C(10) * 60 * 1000)
#define PATH_SIZE 1900

static const char *const FORMATS[] = { "csv", "xlsx", "pdf", "beancount", "hledger" };

struct asked {
    const char *name, *format, *from, *to, *period, *class_name, *label, *out;
};

static int take_asked(int *argc, char **argv, struct asked *a)
{
    int32_t day, end;
    int code;

    *a = (struct asked){ .format = "csv" };
    if (cmd_take_value(argc, argv, "--format", &a->format) < 0 || cmd_take_value(argc, argv, "--from", &a->from) < 0 || cmd_take_value(argc, argv, "--to", &a->to) < 0 ||
        cmd_take_value(argc, argv, "--period", &a->period) < 0 || cmd_take_value(argc, argv, "--class", &a->class_name) < 0 ||
        cmd_take_value(argc, argv, "--label", &a->label) < 0 || cmd_take_value(argc, argv, "--out", &a->out) < 0)
        return cmd_usage("every option of khop export has a value");
    code = cmd_take_end(argc, argv, 1, 1);
    if (code != CMD_OK)
        return code;
    a->name = argv[0];
    if (report_find(slice_of(a->name)) == NULL)
        return cmd_usage("there is no report %s", a->name);
    if ((a->from != NULL && clock_parse_date(slice_of(a->from), &day) < 0) || (a->to != NULL && clock_parse_date(slice_of(a->to), &day) < 0))
        return cmd_usage("--from and --to are days such as 2026-11-30");
    if (a->period != NULL && (a->from != NULL || a->to != NULL || report_days_of(slice_of(a->period), &day, &end) < 0))
        return cmd_usage("--period is 2026-11, 2026 or 2026-2027, without --from and --to");
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++)
        if (strcmp(a->format, FORMATS[i]) == 0)
            return i >= 3 && strcmp(a->name, "journal") != 0 ? cmd_usage("only the journal can be had for %s", a->format) : CMD_OK;
    return cmd_usage("--format is csv, xlsx, pdf, beancount or hledger");
}

static void put_query(struct buf *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(b, "&%s=", name);
    for (const char *p = value; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-')
            buf_putc(b, *p);
        else
            buf_printf(b, "%%%02X", c);
    }
}

/* A job that takes longer than a request: its file when it has made one. */
static int follow(const struct client_options *o, json_t *doc, FILE *to)
{
    int64_t until = clock_mono_ms() + FOLLOW_MS;
    const struct timespec pause = { 0, LOOK_MS * 1000000L };
    const char *id = json_string_value(json_object_get(doc, "id")), *state;
    char path[128];
    json_t *none = NULL;
    int code;

    if (id == NULL) {
        json_decref(doc);
        return cmd_fail("the server gave no file");
    }
    snprintf(path, sizeof path, "/api/v1/jobs/%s", id);
    for (;;) {
        state = json_string_value(json_object_get(doc, "state"));
        if (state == NULL || (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0) || clock_mono_ms() > until)
            break;
        nanosleep(&pause, NULL);
        json_decref(doc);
        doc = client_api(o, path, NULL, NULL);
        if (doc == NULL)
            return CMD_FAILED;
    }
    if (state == NULL || strcmp(state, "done") != 0) {
        cmd_fail("job %s: %s", path + strlen("/api/v1/jobs/"), state == NULL ? "?" : state);
        json_decref(doc);
        return CMD_FAILED;
    }
    json_decref(doc);
    snprintf(path + strlen(path), sizeof path - strlen(path), "/result");
    code = client_api_file(o, path, to, &none);
    json_decref(none);
    return code;
}

static int fetch(const struct client_options *o, const struct asked *a, FILE *to)
{
    json_t *doc = NULL;
    struct buf path;
    int code;

    buf_init(&path, PATH_SIZE);
    buf_printf(&path, "/api/v1/reports/%s?format=%s", a->name, a->format);
    put_query(&path, "from", a->from);
    put_query(&path, "to", a->to);
    put_query(&path, "period", a->period);
    put_query(&path, "class", a->class_name);
    put_query(&path, "label", a->label);
    code = path.failed ? cmd_fail("these filters are too long") : client_api_file(o, path.p, to, &doc);
    buf_release(&path);
    return doc == NULL ? code : follow(o, doc, to);
}

/* The file appears under its name when it is whole. */
static int fetch_into(const struct client_options *o, const struct asked *a)
{
    char part[4096];
    FILE *to;
    int code;

    if (snprintf(part, sizeof part, "%s.part", a->out) >= (int)sizeof part)
        return cmd_usage("the name of the file is too long");
    to = fopen(part, "wb");
    if (to == NULL)
        return cmd_fail("cannot write %s: %s", part, strerror(errno));
    code = fetch(o, a, to);
    if (fclose(to) != 0 && code == CMD_OK)
        code = cmd_fail("cannot write %s: %s", part, strerror(errno));
    if (code == CMD_OK && rename(part, a->out) < 0)
        code = cmd_fail("cannot write %s: %s", a->out, strerror(errno));
    if (code != CMD_OK)
        unlink(part);
    return code;
}

int cmd_export(int argc, char **argv)
{
    struct client_options o;
    struct asked a;
    int code = client_take_options(&argc, argv, &o);

    if (code == CMD_OK)
        code = take_asked(&argc, argv, &a);
    if (code != CMD_OK)
        return code;
    if (a.out != NULL && strcmp(a.out, "-") != 0)
        return fetch_into(&o, &a);
    if ((strcmp(a.format, "xlsx") == 0 || strcmp(a.format, "pdf") == 0) && isatty(STDOUT_FILENO))
        return cmd_usage("a terminal cannot show %s: --out FILE", a.format);
    code = fetch(&o, &a, stdout);
    return fflush(stdout) != 0 && code == CMD_OK ? cmd_fail("cannot write to standard output") : code;
}
