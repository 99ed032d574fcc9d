#include "khop/base/log.h"
#include "khop/base/buf.h"
#include "khop/base/clock.h"
#include "khop/base/utf8.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "khop/base/banned.h"

/* Under PIPE_BUF, so that one write of several processes to one pipe is never mixed. */
#define LOG_LINE_SIZE 2048

static enum log_level log_least = LOG_LEVEL_INFO;
static const char *log_name = "";

void log_set_level(enum log_level level)
{
    log_least = level;
}

void log_set_name(const char *process)
{
    log_name = process == NULL ? "" : process;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_DEBUG:
        return "debug";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_WARN:
        return "warn";
    case LOG_LEVEL_ERROR:
        return "error";
    }
    return "error";
}

/* A line stays one line whatever was formatted into it. */
static void flatten(char *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)line[i];

        if (c < 0x20 || c == 0x7f)
            line[i] = '?';
    }
}

static void write_line(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDERR_FILENO, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return; /* nowhere left to say so */
        p += done;
        n -= (size_t)done;
    }
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    char line[LOG_LINE_SIZE], ts[CLOCK_RFC3339_SIZE];
    static const char cut[] = " cut=1";
    size_t room = sizeof line - sizeof cut - 1; /* the rest is for `cut` and the line's end */
    va_list ap;

    if (level < log_least)
        return;
    clock_rfc3339(ts, clock_wall_us(), CLOCK_VN_OFFSET_S);

    int head = snprintf(line, room, "ts=%s level=%s event=%s%s%s ", ts, level_name(level), event,
                        log_name[0] == '\0' ? "" : " proc=", log_name);
    size_t n = head < 0 ? 0 : (size_t)head < room ? (size_t)head : room - 1;

    va_start(ap, fmt);
    int body = vsnprintf(line + n, room - n, fmt, ap);

    va_end(ap);
    if (body < 0)
        body = 0;
    if ((size_t)body < room - n) {
        n += (size_t)body;
    } else {
        n = room - 1;
        memcpy(line + n, cut, sizeof cut - 1);
        n += sizeof cut - 1;
    }
    while (n > 0 && line[n - 1] == ' ')
        n--;
    flatten(line, n);
    line[n++] = '\n';
    write_line(line, n);
}

/* One code point (or one bad byte) as it may stand between quotes; returns its length in `out`. */
static size_t quote_one(char out[8], struct slice s, size_t *taken)
{
    uint32_t point;
    unsigned char c = (unsigned char)s.p[0];

    *taken = utf8_next(s, &point);
    if (*taken == 0 || c < 0x20 || c == 0x7f) {
        *taken = 1;
        return (size_t)snprintf(out, 8, "\\x%02x", c);
    }
    if (c == '"' || c == '\\') {
        out[0] = '\\';
        out[1] = (char)c;
        return 2;
    }
    memcpy(out, s.p, *taken);
    return *taken;
}

const char *log_quote(char out[LOG_QUOTE_SIZE], struct slice text)
{
    static const char more[] = "…";
    struct buf b = { .p = out, .cap = LOG_QUOTE_SIZE, .max = LOG_QUOTE_SIZE - 1 };
    char one[8];

    buf_putc(&b, '"');
    while (text.n > 0) {
        size_t taken, n = quote_one(one, text, &taken);

        if (b.n + n > b.max - sizeof more) { /* with the closing quote */
            buf_puts(&b, more);
            break;
        }
        buf_put(&b, one, n);
        text = slice_sub(text, taken, text.n);
    }
    buf_putc(&b, '"');
    return out;
}

const char *log_tail4(char out[LOG_TAIL4_SIZE], struct slice account_no)
{
    size_t n = account_no.n < 4 ? account_no.n : 4;
    char tail[5] = { 0 };

    for (size_t i = 0; i < n; i++) {
        char c = account_no.p[account_no.n - n + i];

        tail[i] = c > 0x20 && c < 0x7f && c != '"' ? c : '?';
    }
    (void)snprintf(out, LOG_TAIL4_SIZE, "…%s", tail);
    return out;
}
