/* Kind "payers": a list of pupils, as XLSX or CSV. The first pass reads every row and stages it, says what is wrong with its row and column, and asks
 * with what it would change; confirmed, the second saves all of it in one transaction. */
#include "kinds.h"
#include "pupil.h"

#include "khop/flow/school.h"
#include <jansson.h>

#include <stdlib.h>

#include "khop/base/banned.h"


enum column { C_REF, C_NAME, C_CLASS, C_HOUSEHOLD, C_SUPPORT, C_ADDRESS, C_LAST, C_COLUMNS };

static const struct sheet_column COLUMNS[C_COLUMNS] = {
    [C_REF] = { PUPIL_REF, true },
    [C_NAME] = { PUPIL_NAME, true },
    [C_CLASS] = { PUPIL_CLASS, false },
    [C_HOUSEHOLD] = { "hộ gia đình|mã hộ|hộ|gia đình|anh chị em|sđt phụ huynh|số điện thoại phụ huynh|điện thoại phụ huynh|household|family|parent phone", false },
    [C_SUPPORT] = { "chế độ|chế độ hỗ trợ|hỗ trợ|diện chính sách|support", false },
    [C_ADDRESS] = { "địa chỉ|nơi ở|chỗ ở|nơi ở hiện nay|địa chỉ thường trú|address", false },
    [C_LAST] = { PUPIL_LAST, false },
};
static const char *const NAMES[C_COLUMNS] = { "ref", "name", "class", "household", "support", "address", "name" };
static const size_t LENGTHS[C_COLUMNS] = { PUPIL_REF_MAX, PUPIL_NAME_MAX, PUPIL_CLASS_MAX, 80, 400, 200, 60 };

static void end(void *state)
{
    list_close(state);
}

static void fault(struct task *t, int64_t line, enum column c, const char *code, const char *detail)
{
    struct list_in *l = job_state(t);

    list_fault(t, l, line, l->header.at[c], NAMES[c], code, detail);
}

/* --- saved when confirmed --- */

static int saved(struct task *t)
{
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : job_ended(t);
}

static int save(struct task *t)
{
    return flow_payers_apply(t, job_db(t), job_lease(t), saved);
}

/* --- all rows are staged --- */

static int reviewed(struct task *t)
{
    struct slice doc;
    int rc = flow_doc_read(t, &doc);

    return rc < 0 ? rc : job_wait(t, doc);
}

static void whole_fault(void *arg, int64_t line, struct slice name)
{
    if (slice_is(name, "twice"))
        fault(arg, line, C_REF, "twice", "This number stands in an earlier row already.");
    else
        fault(arg, line, C_SUPPORT, "support", "This support is not known.");
}

static int faults_read(struct task *t)
{
    int64_t count;
    int rc = flow_payers_read_faults(t, whole_fault, t, &count);

    if (rc < 0)
        return rc;
    return job_faults(t) > 0 ? list_fail(t, job_state(t)) : flow_payers_review(t, job_db(t), job_lease(t), reviewed);
}

static int review(struct task *t)
{
    struct list_in *l = job_state(t);

    job_progress(t, "comparing", l->rows, l->rows);
    if (l->rows == 0 && job_faults(t) == 0)
        job_fault(t, 0, "", "empty", "There is no pupil in this file.");
    return flow_payers_faults(t, job_db(t), job_lease(t), LIST_ROWS_MAX, faults_read);
}

/* --- rows --- */

static bool cell_right(struct task *t, const struct list_in *l, const struct sheet_row *row, enum column c, struct slice text)
{
    if (sheet_cell_of(row, &l->header, c).kind == SHEET_ERROR)
        fault(t, row->number, c, "error", "This cell holds an error of the spreadsheet.");
    else if (text.n == 0 && COLUMNS[c].required)
        fault(t, row->number, c, "required", "This cell is empty.");
    else if (text.n > LENGTHS[c])
        fault(t, row->number, c, "length", "This cell is too long.");
    else
        return true;
    return false;
}

static int take_row(struct task *t, struct list_in *l, const struct sheet_row *row, struct list_lines *out)
{
    json_t *doc = json_object();
    bool right = true;

    for (int c = 0; c < C_LAST; c++) {
        struct slice value = c == C_NAME ? pupil_name(t, l, row, C_NAME, C_LAST) : sheet_cell_of(row, &l->header, (size_t)c).text;

        if (l->header.at[c] < 0)
            continue;
        right &= cell_right(t, l, row, (enum column)c, value);
        json_object_set_new(doc, NAMES[c], value.n == 0 ? json_null() : json_stringn(value.p, value.n));
    }
    return list_put(t, out, row, doc, right);
}

static const struct list_steps STEPS = { .key = C_REF, .take = take_row, .stage = flow_payers_stage, .review = review };

static int open_file(struct task *t)
{
    struct list_in *l = job_state(t);

    l->steps = &STEPS;
    int rc = list_open(t, l, COLUMNS, C_COLUMNS, "No row of this file names the columns: it needs the number of the pupil and the name.");

    return rc < 0 ? rc : rc == LIST_REFUSED ? job_fail(t) : job_next(t, list_read);
}

static int begin(struct task *t)
{
    return job_lease(t)->confirmed ? save(t) : job_input_whole(t, LIST_BYTES_MAX, open_file);
}

const struct job_kind kind_payers = { .name = "payers", .state = sizeof(struct list_in), .begin = begin, .end = end };
