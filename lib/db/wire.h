/* What binary format needs on both sides: type numbers of pg_type (fixed by PostgreSQL for ever) and its epoch. */
#ifndef KHOP_DB_WIRE_H
#define KHOP_DB_WIRE_H

#include <stdint.h>

enum wire_type {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_JSON = 114,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_DATE = 1082,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_JSONB = 3802,
};

/* 2000-01-01, from which PostgreSQL counts, seen from 1970. */
#define WIRE_EPOCH_DAYS 10957
#define WIRE_EPOCH_US   (INT64_C(10957) * 86400 * 1000000)

#endif
