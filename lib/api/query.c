#include "khop/api/query.h"

#include "khop/api/problem.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define CHOICES_MAX 512 /* bytes of a sentence that lists them */

/* Values stand behind them. */
static const char CHOICE[] = "This must be one of these.";
static const char RANGE[] = "This must be a whole number between these two.";

int api_query_wrong(struct req *rq, const char *name, const char *code, const char *detail)
{
    struct api_error *e = arena_alloc(rq->task.arena, sizeof *e);

    if (e == NULL)
        return RC_NOMEM;
    *e = (struct api_error){ .code = code, .detail = detail };
    snprintf(e->pointer, sizeof e->pointer, "%s", name);
    rq->wrong = e;
    return RC_BAD_INPUT;
}

/* The value as it was sent; RC_NOT_FOUND. */
static int sent(struct req *rq, const char *name, struct slice *out)
{
    int rc = req_query(rq, name, out);

    if (rc != RC_OK)
        *out = (struct slice){ 0 };
    if (rc == RC_BAD_INPUT)
        return api_query_wrong(rq, name, "query", "This must be there once, as UTF-8 with percent signs.");
    return rc;
}

static int choice_wrong(struct req *rq, const char *name, const char *const *choices)
{
    struct buf detail;

    buf_init_arena(&detail, rq->task.arena, CHOICES_MAX);
    buf_puts(&detail, CHOICE);
    for (size_t i = 0; choices[i] != NULL; i++)
        buf_printf(&detail, "%s%s", i == 0 ? " " : ", ", choices[i]);
    buf_putc(&detail, '\0');
    return detail.failed ? RC_NOMEM : api_query_wrong(rq, name, "choice", detail.p);
}

int api_query_choice(struct req *rq, const char *name, const char *const *choices, struct slice *out)
{
    int rc = sent(rq, name, out);

    for (size_t i = 0; rc == RC_OK && choices[i] != NULL; i++) {
        if (slice_is(*out, choices[i]))
            return RC_OK;
    }
    return rc == RC_OK ? choice_wrong(rq, name, choices) : rc == RC_NOT_FOUND ? RC_OK : rc;
}

int api_query_int(struct req *rq, const char *name, int64_t min, int64_t max, int64_t *out)
{
    struct slice text;
    int rc = sent(rq, name, &text);

    if (rc == RC_OK && num_parse_signed(text, min, max, out) < 0) {
        const char *detail = arena_printf(rq->task.arena, "%s %lld, %lld", RANGE, (long long)min, (long long)max);

        return detail == NULL ? RC_NOMEM : api_query_wrong(rq, name, "range", detail);
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

int api_query_text(struct req *rq, const char *name, size_t max, struct slice *out)
{
    int rc = sent(rq, name, out);

    if (rc == RC_OK && out->n > max)
        return api_query_wrong(rq, name, "length", "This text is too short or too long.");
    if (rc == RC_OK && out->n == 0)
        *out = (struct slice){ 0 };
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

int api_query_id(struct req *rq, const char *name, const char *prefix, int64_t *out)
{
    struct slice text;
    int rc = sent(rq, name, &text);

    if (rc == RC_OK && text.n == 0 && !slice_starts(rq->path, SLICE("/api/")))
        return RC_OK;
    if (rc == RC_OK && dec_id(text, prefix, out) < 0)
        return api_query_wrong(rq, name, "id", "This is not the id of such a thing.");
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

int api_query_date(struct req *rq, const char *name, bool *has, int32_t *day)
{
    char iso[CLOCK_DATE_SIZE];
    struct slice text;
    int rc = sent(rq, name, &text);

    if (rc == RC_NOT_FOUND || (rc == RC_OK && text.n == 0))
        return RC_OK;
    if (rc < 0)
        return rc;
    if (text.n == 10 && text.p[2] == '/' && text.p[5] == '/') {
        snprintf(iso, sizeof iso, "%.4s-%.2s-%.2s", text.p + 6, text.p + 3, text.p);
        text = slice_of(iso);
    }
    if (clock_parse_date(text, day) < 0)
        return api_query_wrong(rq, name, "date", "This must be a date such as 2026-11-30.");
    *has = true;
    return RC_OK;
}
