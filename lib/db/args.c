#include "khop/db/args.h"
#include "khop/base/num.h"
#include "khop/base/rc.h"
#include "internal.h"
#include "wire.h"
#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <string.h>
#include "khop/base/banned.h"

/* Of one argument; the whole message must stay below PostgreSQL's gigabyte, and our memory is bounded anyway. */
#define ARG_BYTES_MAX ((size_t)64 << 20)

/* ndim, has-null flag, element type; then, unless empty, one dimension: size and lower bound. */
#define ARRAY_HEAD_WORDS 3
#define ARRAY_DIM_WORDS  2

static void put32(char *at, uint32_t v)
{
    v = htobe32(v);
    memcpy(at, &v, sizeof v);
}

static void put_be(char *at, int64_t v, size_t width)
{
    uint64_t be = htobe64((uint64_t)v);

    memcpy(at, (const char *)&be + (sizeof be - width), width);
}

static bool fail(struct db_args *a, int rc)
{
    if (a->rc == RC_OK)
        a->rc = rc;
    return false;
}

static bool add(struct db_args *a, int type, const char *value, size_t n)
{
    if (a->rc != RC_OK)
        return false;
    if (a->n == DB_ARGS_MAX || n > ARG_BYTES_MAX)
        return fail(a, RC_TOO_LARGE);
    a->values[a->n] = value;
    a->lengths[a->n] = (int)n;
    a->formats[a->n] = 1;
    a->types[a->n] = type;
    a->n++;
    return true;
}

void db_args_init(struct db_args *a, struct arena *arena)
{
    a->arena = arena;
    a->n = 0;
    a->rc = RC_OK;
}

void db_arg_null(struct db_args *a)
{
    add(a, 0, NULL, 0);
}

static void add_fixed(struct db_args *a, enum wire_type type, int64_t v, size_t width)
{
    char *p = a->rc == RC_OK ? arena_alloc(a->arena, width) : NULL;

    if (p == NULL) {
        fail(a, RC_NOMEM);
        return;
    }
    put_be(p, v, width);
    add(a, (int)type, p, width);
}

void db_arg_bool(struct db_args *a, bool v)
{
    add_fixed(a, TYPE_BOOL, v, 1);
}

void db_arg_i16(struct db_args *a, int16_t v)
{
    add_fixed(a, TYPE_INT2, v, sizeof v);
}

void db_arg_i32(struct db_args *a, int32_t v)
{
    add_fixed(a, TYPE_INT4, v, sizeof v);
}

void db_arg_i64(struct db_args *a, int64_t v)
{
    add_fixed(a, TYPE_INT8, v, sizeof v);
}

void db_arg_id(struct db_args *a, int64_t v)
{
    if (v != 0)
        db_arg_i64(a, v);
    else
        db_arg_null(a);
}

void db_arg_text(struct db_args *a, struct slice v)
{
    add(a, TYPE_TEXT, v.p, v.p == NULL ? 0 : v.n);
}

void db_arg_bytes(struct db_args *a, struct slice v)
{
    add(a, TYPE_BYTEA, v.p, v.p == NULL ? 0 : v.n);
}

/* Microseconds or days since 1970 as PostgreSQL counts them. An instant that cannot be said is refused, and so are the
 * extremes, which mean ±infinity there. */
static bool wire_time(int64_t us, int64_t *out)
{
    return num_sub(us, WIRE_EPOCH_US, out) && *out != INT64_MIN && *out != INT64_MAX;
}

static bool wire_date(int32_t day, int64_t *out)
{
    *out = (int64_t)day - WIRE_EPOCH_DAYS;
    return *out > INT32_MIN;
}

void db_arg_time(struct db_args *a, int64_t us)
{
    int64_t v;

    if (!wire_time(us, &v))
        fail(a, RC_BAD_INPUT);
    else
        add_fixed(a, TYPE_TIMESTAMPTZ, v, sizeof v);
}

void db_arg_date(struct db_args *a, int32_t day)
{
    int64_t v;

    if (!wire_date(day, &v))
        fail(a, RC_BAD_INPUT);
    else
        add_fixed(a, TYPE_DATE, v, sizeof day);
}

void db_arg_maybe_i64(struct db_args *a, bool has, int64_t v)
{
    if (has)
        db_arg_i64(a, v);
    else
        add(a, TYPE_INT8, NULL, 0);
}

void db_arg_maybe_time(struct db_args *a, bool has, int64_t us)
{
    if (has)
        db_arg_time(a, us);
    else
        add(a, TYPE_TIMESTAMPTZ, NULL, 0);
}

void db_arg_maybe_date(struct db_args *a, bool has, int32_t day)
{
    if (has)
        db_arg_date(a, day);
    else
        add(a, TYPE_DATE, NULL, 0);
}

/* ---- arrays ---- */

/* Room for an array whose elements take `bytes` in all, with its head written; the elements follow at the returned place. */
static char *array_begin(struct db_args *a, int type, size_t n, size_t bytes, bool has_null)
{
    size_t words = ARRAY_HEAD_WORDS + (n == 0 ? 0 : ARRAY_DIM_WORDS);

    if (a->rc != RC_OK)
        return NULL;
    if (n > ARG_BYTES_MAX / 4 || bytes > ARG_BYTES_MAX - words * 4 - n * 4) {
        fail(a, RC_TOO_LARGE);
        return NULL;
    }
    size_t size = (words + n) * 4 + bytes;
    char *p = arena_alloc(a->arena, size);

    if (p == NULL) {
        fail(a, RC_NOMEM);
        return NULL;
    }
    put32(p, n == 0 ? 0 : 1);
    put32(p + 4, has_null);
    put32(p + 8, (uint32_t)type);
    if (n > 0) {
        put32(p + 12, (uint32_t)n);
        put32(p + 16, 1);
    }
    return add(a, 0, p, size) ? p + words * 4 : NULL;
}

static size_t count_nulls(const bool *nulls, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; nulls != NULL && i < n; i++)
        found += nulls[i];
    return found;
}

/* How element i of the caller's array reads as a number in wire terms; false: cannot be said. */
typedef bool element_fn(const void *v, size_t i, int64_t *out);

static void add_fixed_array(struct db_args *a, enum wire_type type, size_t width, const void *v, element_fn *get,
                            const bool *nulls, size_t n)
{
    size_t absent = count_nulls(nulls, n);

    assert(v != NULL || n == 0);
    if (n > ARG_BYTES_MAX / width) {
        fail(a, RC_TOO_LARGE);
        return;
    }
    char *p = array_begin(a, (int)type, n, (n - absent) * width, absent > 0);

    for (size_t i = 0; p != NULL && i < n; i++) {
        int64_t element = 0;

        if (nulls != NULL && nulls[i]) {
            put32(p, UINT32_MAX);
            p += 4;
            continue;
        }
        if (!get(v, i, &element)) {
            fail(a, RC_BAD_INPUT);
            return;
        }
        put32(p, (uint32_t)width);
        put_be(p + 4, element, width);
        p += 4 + width;
    }
}

static bool get_bool(const void *v, size_t i, int64_t *out)
{
    *out = ((const bool *)v)[i];
    return true;
}

static bool get_i16(const void *v, size_t i, int64_t *out)
{
    *out = ((const int16_t *)v)[i];
    return true;
}

static bool get_i32(const void *v, size_t i, int64_t *out)
{
    *out = ((const int32_t *)v)[i];
    return true;
}

static bool get_i64(const void *v, size_t i, int64_t *out)
{
    *out = ((const int64_t *)v)[i];
    return true;
}

static bool get_time(const void *v, size_t i, int64_t *out)
{
    return wire_time(((const int64_t *)v)[i], out);
}

static bool get_date(const void *v, size_t i, int64_t *out)
{
    return wire_date(((const int32_t *)v)[i], out);
}

void db_arg_bool_array(struct db_args *a, const bool *v, size_t n)
{
    add_fixed_array(a, TYPE_BOOL, 1, v, get_bool, NULL, n);
}

void db_arg_i16_array(struct db_args *a, const int16_t *v, const bool *nulls, size_t n)
{
    add_fixed_array(a, TYPE_INT2, 2, v, get_i16, nulls, n);
}

void db_arg_i32_array(struct db_args *a, const int32_t *v, const bool *nulls, size_t n)
{
    add_fixed_array(a, TYPE_INT4, 4, v, get_i32, nulls, n);
}

void db_arg_i64_array(struct db_args *a, const int64_t *v, const bool *nulls, size_t n)
{
    add_fixed_array(a, TYPE_INT8, 8, v, get_i64, nulls, n);
}

void db_arg_time_array(struct db_args *a, const int64_t *us, const bool *nulls, size_t n)
{
    add_fixed_array(a, TYPE_TIMESTAMPTZ, 8, us, get_time, nulls, n);
}

void db_arg_date_array(struct db_args *a, const int32_t *day, const bool *nulls, size_t n)
{
    add_fixed_array(a, TYPE_DATE, 4, day, get_date, nulls, n);
}

void args_array(struct db_args *a, int type, const struct slice *v, size_t n)
{
    size_t bytes = 0;
    bool has_null = false;

    assert(v != NULL || n == 0);
    for (size_t i = 0; i < n; i++) {
        has_null |= v[i].p == NULL;
        if (v[i].p == NULL)
            continue;
        if (v[i].n > ARG_BYTES_MAX - bytes) {
            fail(a, RC_TOO_LARGE);
            return;
        }
        bytes += v[i].n;
    }
    char *p = array_begin(a, type, n, bytes, has_null);

    for (size_t i = 0; p != NULL && i < n; i++) {
        if (v[i].p == NULL) {
            put32(p, UINT32_MAX);
            p += 4;
            continue;
        }
        put32(p, (uint32_t)v[i].n);
        if (v[i].n > 0)
            memcpy(p + 4, v[i].p, v[i].n);
        p += 4 + v[i].n;
    }
}

void db_arg_text_array(struct db_args *a, const struct slice *v, size_t n)
{
    args_array(a, TYPE_TEXT, v, n);
}

void db_arg_bytes_array(struct db_args *a, const struct slice *v, size_t n)
{
    args_array(a, TYPE_BYTEA, v, n);
}
