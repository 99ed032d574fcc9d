/* Lines of the database as rows of a report. */
#include "khop/flow/report.h"

#include "khop/pay/code.h"
#include "khop/pay/receipt.h"
#include "vietqr.h"

#include "khop/base/banned.h"

enum line_col { L_RC, L_WHAT, L_AFTER_A, L_AFTER_B, L_T1, L_N1 = L_T1 + 5 };
enum org_col { O_RC, O_NAME, O_CODE };

int flow_report(struct task *t, struct flow *f, struct slice token_hash, const struct report *report, struct slice filter, int64_t after_a,
                int64_t after_b, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_text(&a, slice_of(report->name));
    db_arg_text(&a, filter);
    db_arg_i64(&a, after_a);
    db_arg_i64(&a, after_b);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_REPORT_SHOW, &a, next);
}

int flow_report_job(struct task *t, struct db *db, const struct flow_job_lease *job, const struct report *report, int64_t after_a, int64_t after_b,
                    int32_t limit, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_text(&a, slice_of(report->name));
    db_arg_i64(&a, after_a);
    db_arg_i64(&a, after_b);
    db_arg_i32(&a, limit);
    return db_call(db, t, DB_JOB_REPORT, &a, next);
}

struct slice report_bank_name(struct arena *arena, struct slice text)
{
    const struct vietqr_bank *bank = text.n > 7 && text.p[6] == ' ' ? vietqr_bank(text.p, 6) : NULL;
    const char *named = bank == NULL ? NULL : arena_printf(arena, "%s%.*s", bank->short_name, (int)(text.n - 6), text.p + 6);

    return named == NULL ? text : slice_of(named);
}

static int cell_read(struct task *t, const struct db_rows *r, int row, const struct report_column *column, struct report_cell *out)
{
    int col = (column->from == 't' ? L_T1 : L_N1) + column->place - '1';
    char *text;

    out->set = !db_null(r, row, col);
    if (!out->set)
        return RC_OK;
    if (column->from == 't') {
        out->text = column->kind == REPORT_BANK ? report_bank_name(t->arena, db_text(r, row, col)) : db_text(r, row, col);
        return RC_OK;
    }
    out->number = db_i64(r, row, col);
    if (!report_is_text(column->kind))
        return RC_OK;
    text = arena_alloc(t->arena, CODE_SIZE > RECEIPT_NO_SIZE ? CODE_SIZE : RECEIPT_NO_SIZE);
    if (text == NULL)
        return RC_NOMEM;
    if (column->kind == REPORT_CODE)
        code_text(text, (int32_t)out->number);
    else if (receipt_no_text(text, (int32_t)out->number, db_i64(r, row, col + 1)) < 0)
        return RC_INTERNAL;
    out->text = slice_of(text);
    return RC_OK;
}

int flow_report_read(struct task *t, const struct report *report, struct report_line **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; rc == RC_OK && i < (int)*n; i++) {
        struct report_line *line = &(*out)[i];

        line->sums = db_i64(r, i, L_WHAT) == 1;
        line->after_a = db_i64(r, i, L_AFTER_A);
        line->after_b = db_i64(r, i, L_AFTER_B);
        line->id = report->id == 0 || line->sums ? 0 : db_i64(r, i, L_N1 + report->id - '1');
        for (size_t c = 0; rc == RC_OK && c < report->ncolumns; c++) {
            if (!line->sums || report->columns[c].sum)
                rc = cell_read(t, r, i, &report->columns[c], &line->cells[c]);
        }
    }
    return rc;
}

int flow_report_org(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_REPORT_ORG, &a, next);
}

int flow_report_read_org(struct task *t, struct slice *name, struct slice *code)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *name = db_text(r, 0, O_NAME);
    *code = db_text(r, 0, O_CODE);
    return RC_OK;
}
