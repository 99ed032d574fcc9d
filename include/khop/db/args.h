/* Arguments of a statement, in PostgreSQL's binary format, in the memory of an arena. The n-th db_arg_… call is $n; its
 * type must be the one the statement declares ($1::int8 …). The first failure sticks; db_call reports it. */
#ifndef KHOP_DB_ARGS_H
#define KHOP_DB_ARGS_H

#include "khop/base/arena.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_ARGS_MAX 48

struct db_args {
    struct arena *arena;
    int n;
    int rc;
    const char *values[DB_ARGS_MAX];
    int lengths[DB_ARGS_MAX];
    int formats[DB_ARGS_MAX];
    int types[DB_ARGS_MAX]; /* PostgreSQL's number of a single value's type; 0: of NULL, of an array */
};

void db_args_init(struct db_args *a, struct arena *arena);
void db_arg_null(struct db_args *a);
void db_arg_bool(struct db_args *a, bool v);
void db_arg_i16(struct db_args *a, int16_t v);
void db_arg_i32(struct db_args *a, int32_t v);
void db_arg_i64(struct db_args *a, int64_t v);
void db_arg_id(struct db_args *a, int64_t id);         /* int8; 0, which is no id and no sum asked for, is NULL */
void db_arg_text(struct db_args *a, struct slice v);   /* not copied; v.p == NULL is NULL */
void db_arg_bytes(struct db_args *a, struct slice v);  /* bytea; not copied; v.p == NULL is NULL */
void db_arg_time(struct db_args *a, int64_t us);       /* timestamptz from microseconds since 1970 */
void db_arg_date(struct db_args *a, int32_t day);      /* date from days since 1970 */
/* NULL unless `has`, of the value's type either way: what a statement for many asks needs. */
void db_arg_maybe_i64(struct db_args *a, bool has, int64_t v);
void db_arg_maybe_time(struct db_args *a, bool has, int64_t us);
void db_arg_maybe_date(struct db_args *a, bool has, int32_t day);

/* One-dimensional arrays. `nulls` may be NULL, else nulls[i] makes element i NULL. Elements are read during the call. */
void db_arg_bool_array(struct db_args *a, const bool *v, size_t n);
void db_arg_i16_array(struct db_args *a, const int16_t *v, const bool *nulls, size_t n);
void db_arg_i32_array(struct db_args *a, const int32_t *v, const bool *nulls, size_t n);
void db_arg_i64_array(struct db_args *a, const int64_t *v, const bool *nulls, size_t n);
void db_arg_text_array(struct db_args *a, const struct slice *v, size_t n);  /* p == NULL is NULL */
void db_arg_bytes_array(struct db_args *a, const struct slice *v, size_t n); /* p == NULL is NULL */
void db_arg_time_array(struct db_args *a, const int64_t *us, const bool *nulls, size_t n);
void db_arg_date_array(struct db_args *a, const int32_t *day, const bool *nulls, size_t n);

#endif
