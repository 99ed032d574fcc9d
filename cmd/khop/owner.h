/* What the operator's commands share: they talk to the database itself, as its owner. */
#ifndef KHOP_CMD_OWNER_H
#define KHOP_CMD_OWNER_H

#include "khop/base/rc.h"
#include "khop/db/admin.h"

#include <stdint.h>

/* One statement as the owner; the answer's numbers are copied to out. */
int owner_call(const char *conninfo, enum db_stmt stmt, const struct db_args *args, int64_t *out, int n);
/* 48 random bits for an id. */
int owner_random(int64_t *out);

#endif
