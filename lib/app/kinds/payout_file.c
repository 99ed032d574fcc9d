/* Kinds "payout_batch" and "payout_report": a payout list as a file: for the bank, in the layout that its program reads, with what is still to be
 * paid; and for people, with what has become of each line. Layouts are data: a row of the table below is a column of the file. */
#include "kinds.h"

#include "khop/base/clock.h"
#include "khop/flow/payout.h"
#include "khop/pay/code.h"
#include "khop/pay/memo.h"
#include "khop/print/table.h"
#include "vietqr.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define ROWS_STEP  200
#define MEMO_CHARS 25

enum field { NTH, PLACE, NAME, BIRTH, BANK, BIN, ACCOUNT, HOLDER, AMOUNT, CURRENCY, GOT, LEFT, STATE, CARRIED, CODE, MEMO, PAID_AT, FROM_ACCOUNT };

struct column {
    const char *title;
    enum table_kind kind;
    enum field field;
};

/* For the bank. "generic" says everything; "agribank" has the columns of that bank's sheet for paying salaries and benefits in a batch, whose
 * titles differ from branch to branch: the order is what its program reads. */
static const struct column GENERIC[] = {
    { "STT", TABLE_INTEGER, NTH },          { "Mã thanh toán", TABLE_CODE, CODE }, { "Tên người thụ hưởng", TABLE_TEXT, HOLDER },
    { "Số tài khoản", TABLE_CODE, ACCOUNT }, { "Mã ngân hàng (BIN)", TABLE_CODE, BIN }, { "Ngân hàng", TABLE_TEXT, BANK },
    { "Số tiền", TABLE_MONEY, AMOUNT },     { "Loại tiền", TABLE_CODE, CURRENCY }, { "Nội dung", TABLE_CODE, MEMO },
    { "Tài khoản trích nợ", TABLE_CODE, FROM_ACCOUNT },
};
static const struct column AGRIBANK[] = {
    { "STT", TABLE_INTEGER, NTH },      { "Số tài khoản", TABLE_CODE, ACCOUNT }, { "Tên chủ tài khoản", TABLE_TEXT, HOLDER },
    { "Số tiền", TABLE_MONEY, AMOUNT }, { "Ngân hàng hưởng", TABLE_TEXT, BANK }, { "Diễn giải", TABLE_CODE, MEMO },
};
static const struct column REPORT[] = {
    { "STT", TABLE_INTEGER, NTH },       { "Họ và tên", TABLE_TEXT, NAME },      { "Ngày sinh", TABLE_DATE, BIRTH },   { "Ngân hàng", TABLE_TEXT, BANK },
    { "Số tài khoản", TABLE_CODE, ACCOUNT }, { "Chủ tài khoản", TABLE_TEXT, HOLDER }, { "Số tiền", TABLE_MONEY, AMOUNT }, { "Đã chi", TABLE_MONEY, GOT },
    { "Còn lại", TABLE_MONEY, LEFT },    { "Tình trạng", TABLE_TEXT, STATE },    { "Kỳ trước chuyển sang", TABLE_TEXT, CARRIED },
    { "Mã thanh toán", TABLE_CODE, CODE }, { "Chi lúc", TABLE_TIME, PAID_AT },
};
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct layout {
    const char *name;
    const struct column *columns;
    size_t n;
} LAYOUTS[] = { { "generic", GENERIC, COUNT(GENERIC) }, { "agribank", AGRIBANK, COUNT(AGRIBANK) } };
static const struct layout REPORT_LAYOUT = { "report", REPORT, COUNT(REPORT) };

static const struct {
    const char *state, *text;
} STATES[] = {
    { "planned", "Chưa phát mã" }, { "waiting", "Chưa chi" }, { "paid", "Đã chi" }, { "part", "Chi một phần" }, { "returned", "Bị trả lại" },
    { "carried", "Chuyển kỳ sau" }, { "cancelled", "Đã hủy" },
};

struct run {
    struct table_out *table;
    struct flow_payout_paper paper;
    const struct layout *layout;
    struct table_column columns[TABLE_COLUMNS_MAX]; /* the table keeps them */
    bool batch;
    int32_t after, nth;
    int64_t amount, got, left;
};

static int write_rows(struct task *t);

static void end(void *state)
{
    struct run *r = state;

    table_free(r->table);
}

static struct slice state_text(struct slice state)
{
    for (size_t i = 0; i < COUNT(STATES); i++) {
        if (slice_is(state, STATES[i].state))
            return slice_of(STATES[i].text);
    }
    return state;
}

/* --- cells --- */

static struct slice memo_of(struct task *t, const struct run *r, const struct flow_payout_row *row)
{
    struct buf b;

    buf_init_arena(&b, t->arena, 64);
    return row->code_no != 0 && memo_make(&b, row->code_no, r->paper.name, MEMO_CHARS) == RC_OK ? buf_slice(&b) : (struct slice){ 0 };
}

static struct slice code_of(struct task *t, const struct flow_payout_row *row)
{
    char *text = row->code_no == 0 ? NULL : arena_alloc(t->arena, CODE_SIZE);

    if (text == NULL)
        return (struct slice){ 0 };
    code_text(text, row->code_no);
    return slice_of(text);
}

/* What is still to be paid of a line. */
static int64_t left_of(const struct flow_payout_row *row)
{
    return slice_is(row->state, "carried") || slice_is(row->state, "cancelled") || row->got >= row->amount ? 0 : row->amount - row->got;
}

static struct table_cell cell_of(struct task *t, const struct run *r, const struct flow_payout_row *row, enum field f)
{
    const struct vietqr_bank *bank = vietqr_bank(row->bin.p, row->bin.n);
    struct table_cell number = { .set = true }, text = { .set = true };

    switch (f) {
    case NTH:
        number.number = r->nth;
        return number;
    case PLACE:
        number.number = row->place;
        return number;
    case NAME:
        text.text = row->name;
        return text;
    case BIRTH:
        return (struct table_cell){ .set = row->has_birth, .number = row->birth_on };
    case BANK:
        text.text = bank == NULL ? row->bin : slice_of(bank->short_name);
        return text;
    case BIN:
        text.text = row->bin;
        return text;
    case ACCOUNT:
        text.text = row->account_no;
        return text;
    case HOLDER:
        text.text = row->holder;
        return text;
    case AMOUNT:
        number.number = r->batch ? left_of(row) : row->amount;
        return number;
    case CURRENCY:
        text.text = SLICE("VND");
        return text;
    case GOT:
        number.number = row->got;
        return number;
    case LEFT:
        number.number = left_of(row);
        return number;
    case STATE:
        text.text = state_text(row->state);
        return text;
    case CARRIED:
        return (struct table_cell){ .set = row->carried, .text = SLICE("Có") };
    case CODE:
        return (struct table_cell){ .set = row->code_no != 0, .text = code_of(t, row) };
    case MEMO:
        return (struct table_cell){ .set = row->code_no != 0, .text = memo_of(t, r, row) };
    case PAID_AT:
        return (struct table_cell){ .set = row->has_paid, .number = row->paid_us };
    case FROM_ACCOUNT:
        text.text = r->paper.account_no;
        return text;
    }
    return (struct table_cell){ 0 };
}

/* --- rows --- */

static int write_one(struct task *t, struct run *r, const struct flow_payout_row *row)
{
    struct table_cell cells[TABLE_COLUMNS_MAX];

    if (r->batch && (row->code_no == 0 || left_of(row) == 0))
        return RC_OK;
    r->nth++;
    r->amount += r->batch ? left_of(row) : row->amount;
    r->got += row->got;
    r->left += left_of(row);
    for (size_t i = 0; i < r->layout->n; i++)
        cells[i] = cell_of(t, r, row, r->layout->columns[i].field);
    return table_row(r->table, cells);
}

static int finish(struct task *t)
{
    struct run *r = job_state(t);
    bool more = false;
    int rc = table_end(r->table, &more);

    if (rc < 0 || more)
        return rc < 0 ? rc : job_next(t, finish);
    char *result = arena_printf(t->arena, "{\"lines\":%d,\"amount\":%lld}", (int)r->nth, (long long)r->amount);

    return result == NULL ? RC_NOMEM : job_done(t, slice_of(result));
}

static int sums(struct run *r)
{
    struct table_cell cells[TABLE_COLUMNS_MAX] = { 0 };

    for (size_t i = 0; i < r->layout->n; i++) {
        enum field f = r->layout->columns[i].field;

        if (f == NAME || (r->batch && f == HOLDER))
            cells[i] = (struct table_cell){ .set = true, .text = SLICE("Cộng") };
        else if (f == AMOUNT || f == GOT || f == LEFT)
            cells[i] = (struct table_cell){ .set = true, .number = f == AMOUNT ? r->amount : f == GOT ? r->got : r->left };
    }
    return table_sum(r->table, TABLE_SUM_ALL, cells);
}

static int rows_read(struct task *t)
{
    struct run *r = job_state(t);
    struct flow_payout_row *rows;
    size_t n;
    int rc = flow_payout_read_rows(t, &rows, &n);

    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        r->after = rows[i].place;
        rc = write_one(t, r, &rows[i]);
    }
    if (rc < 0)
        return rc;
    if (n == ROWS_STEP)
        return job_next(t, write_rows);
    rc = sums(r);
    return rc < 0 ? rc : job_next(t, finish);
}

static int write_rows(struct task *t)
{
    struct run *r = job_state(t);

    return flow_payout_rows(t, job_db(t), job_lease(t), r->after, ROWS_STEP, rows_read);
}

/* --- the head --- */

static bool keep(struct task *t, struct slice *s)
{
    if (s->p == NULL)
        return true;
    *s = arena_copy(job_arena(t), *s);
    return s->p != NULL;
}

static const struct layout *layout_of(struct slice name)
{
    for (size_t i = 0; i < COUNT(LAYOUTS); i++) {
        if (slice_is(name, LAYOUTS[i].name))
            return &LAYOUTS[i];
    }
    return &LAYOUTS[0];
}

static int open_table(struct task *t, struct run *r)
{
    struct print_fonts *fonts = NULL;
    enum table_format format = TABLE_CSV;
    struct civil month = clock_civil((int64_t)r->paper.month * 24 * 3600 * CLOCK_US, 0);
    struct table_head head = { .columns = r->columns, .column_count = r->layout->n, .made_us = clock_wall_us() };
    char *name;
    int rc = r->paper.format.p == NULL ? RC_OK : table_format_of(r->paper.format, &format);

    if (rc == RC_OK && format == TABLE_PDF)
        rc = job_fonts(&fonts);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < r->layout->n; i++)
        r->columns[i] = (struct table_column){ r->layout->columns[i].title, r->layout->columns[i].kind };
    head.title = arena_printf(t->arena, "%s: %.*s", r->batch ? "Bảng kê chi trả" : "Báo cáo chi trả", SLICE_FMT(r->paper.name));
    head.unit = arena_strndup(t->arena, r->paper.unit.p, r->paper.unit.n);
    head.subtitles[0] = arena_printf(t->arena, "Tháng %02d/%d", month.month, month.year);
    name = arena_printf(t->arena, "%s-%d-%02d%s%s.%s", r->batch ? "chi-tra" : "bao-cao-chi-tra", month.year, month.month, r->batch ? "-" : "",
                        r->batch ? r->layout->name : "", table_format_suffix(format));
    if (head.title == NULL || head.unit == NULL || head.subtitles[0] == NULL || name == NULL)
        return RC_NOMEM;
    rc = job_out_open(t, slice_of(name), table_format_type(format));
    return rc < 0 ? rc : table_open(&r->table, format, &head, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
}

static int paper_read(struct task *t)
{
    struct run *r = job_state(t);
    struct flow_payout_paper *p = &r->paper;
    int rc = flow_payout_read_paper(t, p);

    r->batch = slice_is(job_lease(t)->kind, "payout_batch");
    if (rc == RC_OK && (!keep(t, &p->unit) || !keep(t, &p->name) || !keep(t, &p->list_state) || !keep(t, &p->account_no) || !keep(t, &p->format) ||
                        !keep(t, &p->layout) || !keep(t, &p->state)))
        rc = RC_NOMEM;
    if (rc < 0)
        return rc;
    if (r->batch && p->issued < p->lines) {
        job_fault(t, 0, "", "not_issued", "The codes of this list are not all issued yet.");
        return job_fail(t);
    }
    r->layout = r->batch ? layout_of(p->layout) : &REPORT_LAYOUT;
    rc = open_table(t, r);
    return rc < 0 ? rc : job_next(t, write_rows);
}

static int begin(struct task *t)
{
    return flow_payout_paper(t, job_db(t), job_lease(t), paper_read);
}

const struct job_kind kind_payout_batch = { .name = "payout_batch", .state = sizeof(struct run), .begin = begin, .end = end };
const struct job_kind kind_payout_report = { .name = "payout_report", .state = sizeof(struct run), .begin = begin, .end = end };
