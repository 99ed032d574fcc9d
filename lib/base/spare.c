#include "khop/base/spare.h"

#include "khop/base/num.h"

#include <fcntl.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define LINE_MAX_BYTES 256
#define TICKS_MAX      INT64_C(1000000000000000) /* sums and thousandths of them fit */
#define LOOK_TICKS     40 /* of all processors together: fewer tell nothing */

/* Fields of "cpu": user nice system idle iowait irq softirq steal (proc(5)); guest time is part of user's. */
enum { STAT_IDLE = 3, STAT_IOWAIT = 4, STAT_FIELDS = 8 };

void spare_open(struct spare *s)
{
    long ticks = sysconf(_SC_CLK_TCK), processors = sysconf(_SC_NPROCESSORS_ONLN);

    *s = (struct spare){ .fd = open("/proc/stat", O_RDONLY | O_CLOEXEC), .share = 1000, .tick_us = ticks > 0 ? 1000000 / ticks : 10000,
                         .processors = processors > 0 ? processors : 1 };
}

void spare_close(struct spare *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* The next run of digits, up to the end of the line. */
static bool field_next(struct slice *rest, int64_t *value)
{
    size_t from = 0, to;

    while (from < rest->n && rest->p[from] == ' ')
        from++;
    for (to = from; to < rest->n && rest->p[to] >= '0' && rest->p[to] <= '9';)
        to++;
    if (num_parse((struct slice){ rest->p + from, to - from }, 0, TICKS_MAX, true, value) < 0)
        return false;
    *rest = (struct slice){ rest->p + to, rest->n - to };
    return true;
}

static bool stat_read(struct slice stat, int64_t *busy, int64_t *total)
{
    struct slice rest = { stat.p + 4, stat.n - 4 };
    int64_t value;

    if (stat.n < 4 || memcmp(stat.p, "cpu ", 4) != 0)
        return false;
    *busy = *total = 0;
    for (int i = 0; i < STAT_FIELDS; i++) {
        if (!field_next(&rest, &value))
            return false;
        *total += value;
        if (i != STAT_IDLE && i != STAT_IOWAIT)
            *busy += value;
    }
    return true;
}

int64_t spare_share(struct spare *s, struct slice stat)
{
    int64_t busy, total, others, passed;

    if (!stat_read(stat, &busy, &total))
        return s->share;
    passed = total - s->total;
    if (passed >= 0 && passed < LOOK_TICKS)
        return s->share;
    others = busy - s->busy - s->own_us / s->tick_us;
    if (passed > 0 && s->total > 0) {
        s->share = 1000 - SPARE_KEPT - (others > 0 ? others : 0) * 1000 / passed;
        if (s->share < SPARE_LEAST)
            s->share = SPARE_LEAST;
    }
    s->busy = busy;
    s->total = total;
    s->own_us = 0;
    return s->share;
}

int64_t spare_span_us(struct spare *s, int64_t cpu_us)
{
    char line[LINE_MAX_BYTES];
    ssize_t n = s->fd < 0 ? -1 : pread(s->fd, line, sizeof line, 0);

    s->own_us += cpu_us;
    if (n <= 0)
        return cpu_us;
    return cpu_us * 1000 / (spare_share(s, (struct slice){ line, (size_t)n }) * s->processors);
}
