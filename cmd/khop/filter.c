/* Lines from standard input, answers to standard output. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#include "khop/base/banned.h"

#define READ_SIZE  (64u << 10)
#define FLUSH_AT   (64u << 10)
#define ANSWER_MAX ((size_t)64 << 20) /* answers waiting to be written, and one answer at most */

struct filter {
    char *bytes; /* CMD_LINE_MAX + READ_SIZE of them */
    size_t start, end;
    bool skipping; /* in the rest of a line that was too long */
    bool eof;
    struct buf out;
    cmd_answer_fn *answer;
    void *arg;
};

static int filter_flush(struct filter *f)
{
    const char *p = f->out.p;
    size_t left = f->out.n;

    if (f->out.failed)
        return RC_TOO_LARGE;
    while (left > 0) {
        ssize_t n = write(STDOUT_FILENO, p, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return RC_IO;
        p += n;
        left -= (size_t)n;
    }
    buf_clear(&f->out);
    return RC_OK;
}

static int filter_answer(struct filter *f, struct slice text, bool too_long)
{
    struct cmd_line line = { text, too_long };

    if (!too_long && line.text.n > 0 && line.text.p[line.text.n - 1] == '\r')
        line.text.n--;
    f->answer(&line, &f->out, f->arg);
    buf_putc(&f->out, '\n');
    return f->out.failed || f->out.n >= FLUSH_AT ? filter_flush(f) : RC_OK;
}

/* Answers every whole line that has been read. */
static int filter_lines(struct filter *f)
{
    while (f->start < f->end) {
        char *line = f->bytes + f->start;
        char *stop = memchr(line, '\n', f->end - f->start);
        int rc = RC_OK;

        if (stop == NULL)
            break;
        f->start = (size_t)(stop - f->bytes) + 1;
        if (f->skipping)
            f->skipping = false;
        else if ((size_t)(stop - line) > CMD_LINE_MAX)
            rc = filter_answer(f, (struct slice){ "", 0 }, true);
        else
            rc = filter_answer(f, (struct slice){ line, (size_t)(stop - line) }, false);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* Makes room for the next read; a line that is too long is answered here, once. */
static int filter_shift(struct filter *f)
{
    size_t held = f->end - f->start;

    if (held > CMD_LINE_MAX || f->skipping) {
        int rc = f->skipping ? RC_OK : filter_answer(f, (struct slice){ "", 0 }, true);

        f->skipping = true;
        f->start = f->end = 0;
        return rc;
    }
    if (f->start > 0)
        memmove(f->bytes, f->bytes + f->start, held);
    f->start = 0;
    f->end = held;
    return RC_OK;
}

static int filter_read(struct filter *f)
{
    struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };

    if (poll(&ready, 1, 0) == 0) {
        int rc = filter_flush(f);

        if (rc != RC_OK)
            return rc;
    }
    for (;;) {
        ssize_t n = read(STDIN_FILENO, f->bytes + f->end, READ_SIZE);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return RC_IO;
        f->end += (size_t)n;
        f->eof = n == 0;
        return RC_OK;
    }
}

static int filter_run(struct filter *f)
{
    int rc = RC_OK;

    while (!f->eof && rc == RC_OK) {
        rc = filter_shift(f);
        if (rc == RC_OK)
            rc = filter_read(f);
        if (rc == RC_OK)
            rc = filter_lines(f);
    }
    /* A last line without line end is a line. */
    if (rc == RC_OK && f->end > f->start && !f->skipping) {
        size_t n = f->end - f->start;

        rc = n > CMD_LINE_MAX ? filter_answer(f, (struct slice){ "", 0 }, true)
                              : filter_answer(f, (struct slice){ f->bytes + f->start, n }, false);
    }
    return rc == RC_OK ? filter_flush(f) : rc;
}

int cmd_filter(cmd_answer_fn *answer, void *arg)
{
    struct filter f = { .answer = answer, .arg = arg };
    int rc = RC_NOMEM;

    buf_init(&f.out, ANSWER_MAX);
    f.bytes = malloc(CMD_LINE_MAX + (size_t)READ_SIZE);
    if (f.bytes != NULL)
        rc = filter_run(&f);
    free(f.bytes);
    buf_release(&f.out);
    return rc == RC_OK ? CMD_OK : cmd_fail("%s", rc == RC_IO ? strerror(errno) : rc_name(rc));
}

int cmd_filter_or_one(const char *argument, cmd_answer_fn *answer, void *arg)
{
    struct filter f = { .answer = answer, .arg = arg };
    struct cmd_line line = { slice_of(argument), false };
    bool good;
    int rc;

    if (strcmp(argument, "-") == 0)
        return cmd_filter(answer, arg);
    buf_init(&f.out, ANSWER_MAX);
    good = answer(&line, &f.out, arg);
    buf_putc(&f.out, '\n');
    rc = filter_flush(&f);
    buf_release(&f.out);
    if (rc != RC_OK)
        return cmd_fail("%s", rc == RC_IO ? strerror(errno) : rc_name(rc));
    return good ? CMD_OK : CMD_FAILED;
}

static int json_to_buf(const char *bytes, size_t n, void *arg)
{
    struct buf *out = arg;

    buf_put(out, bytes, n);
    return out->failed ? -1 : 0;
}

void cmd_json(struct buf *out, json_t *value)
{
    if (value == NULL)
        buf_puts(out, "{\"ok\":false,\"error\":\"no_memory\"}");
    else if (json_dump_callback(value, json_to_buf, out, JSON_COMPACT) != 0)
        out->failed = true;
    json_decref(value);
}

static const char *json_why(const json_error_t *error)
{
    switch ((int)json_error_code(error)) {
    case json_error_duplicate_key:
        return "a member stands twice";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_invalid_utf8:
        return "this is not valid UTF-8";
    default:
        return "this is not JSON";
    }
}

json_t *cmd_json_object(struct slice text, const char **why)
{
    json_error_t error;
    json_t *value = json_loadb(text.n > 0 ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &error);

    if (value == NULL) {
        *why = json_why(&error);
        return NULL;
    }
    if (!json_is_object(value)) {
        json_decref(value);
        *why = "this is not a JSON object";
        return NULL;
    }
    return value;
}
