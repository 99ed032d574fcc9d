/* Reading what a statement returned. A wrong column or type is a disagreement between C and SQL of ours: no caller could
 * do anything sensible with it, so it ends the process loudly, in a test long before anywhere else. */
#include "internal.h"
#include "khop/base/log.h"
#include "wire.h"
#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include "khop/base/banned.h"

int db_rows_count(const struct db_rows *r)
{
    return r->of == NULL ? PQntuples(r->res) : r->n;
}

void rows_release(struct db_rows *r)
{
    struct rows_shared *of = r->of;

    if (of == NULL || --of->holders == 0) {
        PQclear(r->res);
        free(of);
    }
    *r = (struct db_rows){ .res = NULL };
}

static _Noreturn void wrong(const struct db_rows *r, int row, int col, const char *wanted)
{
    bool there = row >= 0 && row < db_rows_count(r) && col >= 0 && col < PQnfields(r->res);
    char name[LOG_QUOTE_SIZE];

    log_error("db_wrong_column", "row=%d rows=%d col=%d cols=%d name=%s type=%u wanted=%s", row, db_rows_count(r), col,
              PQnfields(r->res), log_quote(name, slice_of(there ? PQfname(r->res, col) : "")),
              there ? PQftype(r->res, col) : 0, wanted);
    abort();
}

static void check_place(const struct db_rows *r, int row, int col, const char *wanted)
{
    if (row < 0 || row >= db_rows_count(r) || col < 0 || col >= PQnfields(r->res) || PQfformat(r->res, col) != 1)
        wrong(r, row, col, wanted);
}

bool db_null(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "any");
    return PQgetisnull(r->res, r->first + row, col) != 0;
}

/* A big-endian integer of the value's own width, sign extended. */
static int64_t number(const struct db_rows *r, int row, int col, int width, const char *wanted)
{
    uint64_t v = 0;

    if (PQgetisnull(r->res, r->first + row, col))
        return 0;
    if (PQgetlength(r->res, r->first + row, col) != width)
        wrong(r, row, col, wanted);
    const char *p = PQgetvalue(r->res, r->first + row, col);

    for (int i = 0; i < width; i++)
        v = v << 8 | (unsigned char)p[i];
    int unused = 64 - 8 * width;

    return (int64_t)(v << unused) >> unused;
}

int64_t db_i64(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "integer");
    switch (PQftype(r->res, col)) {
    case TYPE_INT2:
        return number(r, row, col, 2, "integer");
    case TYPE_INT4:
        return number(r, row, col, 4, "integer");
    case TYPE_INT8:
        return number(r, row, col, 8, "integer");
    default:
        wrong(r, row, col, "integer");
    }
}

bool db_bool(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "bool");
    if (PQftype(r->res, col) != TYPE_BOOL)
        wrong(r, row, col, "bool");
    return number(r, row, col, 1, "bool") != 0;
}

struct slice db_text(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "text");
    if (PQgetisnull(r->res, r->first + row, col))
        return (struct slice){ NULL, 0 };
    struct slice s = { PQgetvalue(r->res, r->first + row, col), (size_t)PQgetlength(r->res, r->first + row, col) };

    switch (PQftype(r->res, col)) {
    case TYPE_TEXT:
    case TYPE_BYTEA:
    case TYPE_JSON:
    case TYPE_VARCHAR:
    case TYPE_BPCHAR:
    case TYPE_NAME:
        return s;
    case TYPE_JSONB: /* a version byte, then the text */
        if (s.n < 1 || s.p[0] != 1)
            wrong(r, row, col, "jsonb version 1");
        return slice_sub(s, 1, s.n - 1);
    default:
        wrong(r, row, col, "text");
    }
}

int64_t db_time_us(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "timestamptz");
    if (PQftype(r->res, col) != TYPE_TIMESTAMPTZ)
        wrong(r, row, col, "timestamptz");
    if (PQgetisnull(r->res, r->first + row, col))
        return 0;
    int64_t v = number(r, row, col, 8, "timestamptz");

    /* ±infinity stays the end of what can be said. */
    return v > INT64_MAX - WIRE_EPOCH_US ? INT64_MAX : v == INT64_MIN ? INT64_MIN : v + WIRE_EPOCH_US;
}

int32_t db_day(const struct db_rows *r, int row, int col)
{
    check_place(r, row, col, "date");
    if (PQftype(r->res, col) != TYPE_DATE)
        wrong(r, row, col, "date");
    if (PQgetisnull(r->res, r->first + row, col))
        return 0;
    int64_t v = number(r, row, col, 4, "date");

    return v > INT32_MAX - WIRE_EPOCH_DAYS ? INT32_MAX : v == INT32_MIN ? INT32_MIN : (int32_t)(v + WIRE_EPOCH_DAYS);
}
