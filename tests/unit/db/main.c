#include "support.h"
#include "khop/base/log.h"
#include <stdio.h>
#include "khop/base/banned.h"

static void migrate_for_tests(void)
{
    struct db_error err;

    if (db_migrate(cluster_conninfo(), &test_schema, NULL, NULL, NULL, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        fail();
    }
}

/* One server for all groups; each group opens and closes its own connections. */
static int all(void **state)
{
    (void)state;
    cluster_start();
    migrate_for_tests();
    boss_open();
    return 0;
}

static int nothing_left(void **state)
{
    (void)state;
    boss_close();
    cluster_stop();
    return 0;
}

int main(void)
{
    void *state = NULL;
    int failed;

    log_set_level(LOG_LEVEL_ERROR);
    all(&state);
    failed = values_tests();
    failed += migrations_tests();
    failed += calls_tests();
    failed += gathers_tests();
    failed += batches_tests();
    nothing_left(&state);
    return failed;
}
