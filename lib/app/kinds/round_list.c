/* Kind "round_list": who has paid in a round, in part, not at all, as CSV, XLSX or PDF: exactly what the page shows under the same filter. */
#include "kinds.h"

#include "khop/base/clock.h"
#include "khop/flow/school.h"
#include "khop/pay/code.h"
#include "khop/print/table.h"

#include "khop/base/banned.h"

#define ROWS_STEP 200

static const struct table_column COLUMNS[] = {
    { "STT", TABLE_INTEGER }, { "Mã học sinh", TABLE_CODE },  { "Họ và tên", TABLE_TEXT }, { "Lớp", TABLE_TEXT },      { "Phải nộp", TABLE_MONEY },
    { "Đã nộp", TABLE_MONEY },  { "Còn lại", TABLE_MONEY }, { "Tình trạng", TABLE_TEXT }, { "Mã nộp tiền", TABLE_CODE }, { "Nộp lúc", TABLE_TIME },
};
#define NCOLUMNS (sizeof COLUMNS / sizeof COLUMNS[0])

static const struct {
    const char *state, *text;
} STATES[] = {
    { "free", "Không phải nộp" }, { "paid", "Đã nộp đủ" }, { "part", "Nộp một phần" }, { "open", "Chưa nộp" }, { "cancelled", "Đã hủy" },
};

struct run {
    struct table_out *table;
    int32_t after, nth;
    int64_t amount, received;
};

static int write_rows(struct task *t);

static void end(void *state)
{
    struct run *r = state;

    table_free(r->table);
}

static struct slice state_text(struct slice state)
{
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++) {
        if (slice_is(state, STATES[i].state))
            return slice_of(STATES[i].text);
    }
    return state;
}

static int write_one(struct run *r, const struct flow_round_row *row)
{
    bool cancelled = slice_is(row->state, "cancelled");
    int64_t amount = cancelled ? 0 : row->amount, left = amount > row->received ? amount - row->received : 0;
    char code[CODE_SIZE] = "";

    if (row->code_no != 0)
        code_text(code, row->code_no);

    struct table_cell cells[NCOLUMNS] = {
        { .set = true, .number = ++r->nth },       { .set = true, .text = row->ref },
        { .set = true, .text = row->name },        { .set = true, .text = row->class_name },
        { .set = true, .number = amount },         { .set = true, .number = row->received },
        { .set = true, .number = left },           { .set = true, .text = state_text(row->state) },
        { .set = row->code_no != 0, .text = slice_of(code) }, { .set = row->has_paid, .number = row->paid_us },
    };

    r->amount += amount;
    r->received += row->received;
    return table_row(r->table, cells);
}

static int finish(struct task *t)
{
    struct run *r = job_state(t);
    bool more = false;
    int rc = table_end(r->table, &more);

    return rc < 0 ? rc : more ? job_next(t, finish) : job_done(t, (struct slice){ 0 });
}

static int rows_read(struct task *t)
{
    struct run *r = job_state(t);
    struct flow_round_row *rows;
    size_t n;
    int rc = flow_round_read_rows(t, &rows, &n);

    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        r->after = rows[i].place;
        rc = write_one(r, &rows[i]);
    }
    if (rc < 0)
        return rc;
    if (n == ROWS_STEP)
        return job_next(t, write_rows);

    struct table_cell sums[NCOLUMNS] = { [2] = { .set = true, .text = SLICE("Cộng") }, [4] = { .set = true, .number = r->amount },
                                         [5] = { .set = true, .number = r->received },
                                         [6] = { .set = true, .number = r->amount > r->received ? r->amount - r->received : 0 } };

    rc = table_sum(r->table, TABLE_SUM_ALL, sums);
    return rc < 0 ? rc : job_next(t, finish);
}

static int write_rows(struct task *t)
{
    struct run *r = job_state(t);

    return flow_round_rows(t, job_db(t), job_lease(t), r->after, ROWS_STEP, rows_read);
}

static int paper_read(struct task *t)
{
    struct run *r = job_state(t);
    struct flow_round_paper paper;
    struct print_fonts *fonts = NULL;
    enum table_format format = TABLE_CSV;
    struct table_head head;
    char *title, *name;
    int rc = flow_round_read_paper(t, &paper);

    if (rc == RC_OK && paper.format.p != NULL)
        rc = table_format_of(paper.format, &format);
    if (rc == RC_OK && format == TABLE_PDF)
        rc = job_fonts(&fonts);
    if (rc < 0)
        return rc;
    title = arena_printf(t->arena, "%.*s", SLICE_FMT(paper.name));
    name = arena_printf(t->arena, "%.*s%s%.*s.%s", SLICE_FMT(paper.name), paper.class_name.p == NULL ? "" : " - ", SLICE_FMT(paper.class_name),
                        table_format_suffix(format));
    head = (struct table_head){ .title = title, .unit = arena_strndup(t->arena, paper.unit.p, paper.unit.n), .columns = COLUMNS, .column_count = NCOLUMNS,
                                .made_us = clock_wall_us() };
    if (paper.class_name.p != NULL)
        head.subtitles[0] = arena_printf(t->arena, "Lớp %.*s", SLICE_FMT(paper.class_name));
    if (title == NULL || name == NULL || head.unit == NULL)
        return RC_NOMEM;
    rc = job_out_open(t, slice_of(name), table_format_type(format));
    if (rc == RC_OK)
        rc = table_open(&r->table, format, &head, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
    return rc < 0 ? rc : job_next(t, write_rows);
}

static int begin(struct task *t)
{
    return flow_round_paper(t, job_db(t), job_lease(t), paper_read);
}

const struct job_kind kind_round_list = { .name = "round_list", .state = sizeof(struct run), .begin = begin, .end = end };
