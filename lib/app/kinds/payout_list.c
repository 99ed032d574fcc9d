/* Kind "payout_list": a commune's list of beneficiaries, as XLSX or CSV. Every row is checked and staged; then the whole is looked at and becomes a
 * draft, or every fault is told with its row and column, in the end as a file, and nothing is kept. Personal ids leave this process as keyed hashes only: the
 * file says what must be put right in which row, but repeats nothing that may be an id. */
#include "kinds.h"
#include "list_in.h"

#include "khop/api/payout.h"
#include "khop/flow/payout.h"
#include <jansson.h>

#include "khop/base/banned.h"

#define ROWS_STEP 500
#define ID_DIGITS 9 /* of an old card; one of today has twelve */

struct list {
    struct list_in in;
    int32_t line; /* of the file, that is being read */
};

static void end(void *state)
{
    struct list *l = state;

    list_close(&l->in);
}

/* Of the columns that are known, but for the ids', what has too few digits to be one: whatever stands in the wrong place. */
static bool shows(const struct list_in *l, size_t cell, struct slice text)
{
    size_t digits = 0;
    bool known = false;

    for (size_t i = 0; i < text.n; i++)
        digits += text.p[i] >= '0' && text.p[i] <= '9';
    for (size_t c = 0; c < PAYOUT_COLUMNS; c++)
        known = known || (c != PAYOUT_PERSON && l->header.at[c] >= 0 && (size_t)l->header.at[c] == cell);
    return known && digits < ID_DIGITS;
}

static void fault_in(struct task *t, int64_t line, enum payout_column c, const char *code, const char *detail)
{
    struct list *l = job_state(t);

    list_fault(t, &l->in, line, l->in.header.at[c], payout_names[c], code, detail);
}

/* --- the whole list --- */

/* [{"row", "place", "code"}] */
static int tell_faults(struct task *t, struct slice text)
{
    struct list *l = job_state(t);
    json_t *faults = json_loadb(text.p, text.n, 0, NULL), *f;
    size_t i;

    if (!json_is_array(faults))
        return RC_INTERNAL;
    json_array_foreach(faults, i, f) {
        const char *place = json_string_value(json_object_get(f, "place")), *code = json_string_value(json_object_get(f, "code"));
        enum payout_column c = place == NULL || strcmp(place, "person") == 0 ? PAYOUT_PERSON : strcmp(place, "name") == 0 ? PAYOUT_NAME : PAYOUT_UNTIL;

        fault_in(t, json_integer_value(json_object_get(f, "row")), c, code, payout_fault_text(code == NULL ? (struct slice){ 0 } : slice_of(code)));
    }
    json_decref(faults);
    return list_fail(t, &l->in);
}

static int made(struct task *t)
{
    int rc = flow_rc_read(t);

    if (rc == RC_BAD_INPUT)
        return tell_faults(t, flow_payout_faults(t));
    if (rc == RC_NOT_FOUND) {
        job_fault(t, 0, "", "account", "This organisation has no such account.");
        return job_fail(t);
    }
    return rc < 0 ? rc : job_ended(t);
}

static int make(struct task *t)
{
    struct list *l = job_state(t);

    job_progress(t, "comparing", l->in.rows, l->in.rows);
    if (l->in.rows == 0 && job_faults(t) == 0)
        job_fault(t, 0, "", "empty", "There is nobody in this file.");
    return job_faults(t) > 0 ? list_fail(t, &l->in) : flow_payout_make(t, job_db(t), job_lease(t), made);
}

/* --- rows --- */

static int read_rows(struct task *t);

static void line_fault(void *arg, enum payout_column c, const char *code, const char *detail)
{
    struct task *t = arg;
    const struct list *l = job_state(t);

    fault_in(t, l->line, c, code, detail);
}

static int staged(struct task *t)
{
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : job_next(t, read_rows);
}

/* A row of sums at the end of a list is nobody. */
static bool is_sum(const struct sheet_cell cells[PAYOUT_COLUMNS])
{
    return cells[PAYOUT_ACCOUNT].text.n == 0 && cells[PAYOUT_BANK].text.n == 0 &&
           (cells[PAYOUT_NAME].text.n == 0 || list_says_sum(cells[PAYOUT_NAME].text));
}

static int read_rows(struct task *t)
{
    struct list *l = job_state(t);
    int32_t *lines = arena_array(t->arena, ROWS_STEP, sizeof *lines);
    struct slice *data = arena_array(t->arena, ROWS_STEP, sizeof *data);
    struct sheet_cell cells[PAYOUT_COLUMNS];
    struct sheet_row row;
    int found = SHEET_ROW;
    size_t n = 0;

    if (lines == NULL || data == NULL)
        return RC_NOMEM;
    while (n < ROWS_STEP && l->in.rows <= PAYOUT_LINES_MAX && (found = list_next(t, &l->in, &row)) == SHEET_ROW) {
        for (size_t c = 0; c < PAYOUT_COLUMNS; c++)
            cells[c] = sheet_cell_of(&row, &l->in.header, c);
        if (is_sum(cells))
            continue;
        l->in.rows++;
        l->line = row.number;
        lines[n] = row.number;
        int rc = payout_line(t->arena, job_field_key(t), cells, row.number, line_fault, t, &data[n]);

        if (rc < 0)
            return rc;
        n += data[n].p != NULL;
    }
    if (found < 0 || found == LIST_REFUSED)
        return found < 0 ? found : job_fail(t);
    if (l->in.rows > PAYOUT_LINES_MAX) {
        job_fault(t, 0, "", "rows", "There are more than 10,000 rows in this file.");
        return job_fail(t);
    }
    job_progress(t, "reading", l->in.rows, -1);
    if (n == 0)
        return found == SHEET_END ? job_next(t, make) : job_next(t, read_rows);
    return flow_payout_stage(t, job_db(t), job_lease(t), lines, data, n, staged);
}

static int open_file(struct task *t)
{
    struct list *l = job_state(t);

    l->in.shows = shows;
    int rc = list_open(t, &l->in, payout_columns, PAYOUT_COLUMNS,
                       "No row of this file names the columns: it needs the name, the amount, the bank and the account.");

    return rc < 0 ? rc : rc == LIST_REFUSED ? job_fail(t) : job_next(t, read_rows);
}

static int begin(struct task *t)
{
    return job_input_whole(t, LIST_BYTES_MAX, open_file);
}

const struct job_kind kind_payout_list = { .name = "payout_list", .state = sizeof(struct list), .begin = begin, .end = end };
