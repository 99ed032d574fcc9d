/* Kind "payers": a list of pupils, as XLSX or CSV. The first pass reads every row and stages it, says what is wrong with its row and column, and asks
 * with what it would change; confirmed, the second saves all of it in one transaction. */
#include "kinds.h"

#include "khop/base/utf8.h"
#include "khop/flow/school.h"
#include "khop/provider/sheet.h"
#include <jansson.h>

#include <stdlib.h>

#include "khop/base/banned.h"

#define FILE_MAX_BYTES ((size_t)8 << 20)
#define ROWS_STEP      500 /* staged by one step */
#define ROWS_MAX       50000

enum column { C_REF, C_NAME, C_CLASS, C_HOUSEHOLD, C_SUPPORT, C_LAST, C_COLUMNS };

static const struct sheet_column COLUMNS[C_COLUMNS] = {
    [C_REF] = { "mã học sinh|mã hs|mã định danh|số định danh|mã số|mã|student id|pupil id|student code|ref|id", true },
    [C_NAME] = { "họ và tên|họ tên|họ tên học sinh|họ và tên học sinh|tên học sinh|họ đệm|họ và tên đệm|họ và đệm|full name|student name|name", true },
    [C_CLASS] = { "lớp|lớp học|tên lớp|class", false },
    [C_HOUSEHOLD] = { "hộ gia đình|mã hộ|hộ|gia đình|anh chị em|sđt phụ huynh|số điện thoại phụ huynh|điện thoại phụ huynh|household|family|parent phone", false },
    [C_SUPPORT] = { "chế độ|chế độ hỗ trợ|hỗ trợ|diện chính sách|support", false },
    [C_LAST] = { "tên", false }, /* where the family name stands in a column of its own */
};
static const char *const NAMES[C_COLUMNS] = { "ref", "name", "class", "household", "support", "name" };
static const size_t LENGTHS[C_COLUMNS] = { 64, 120, 40, 80, 400, 60 };

struct payers {
    struct sheet *sheet;
    struct sheet_header header;
    int32_t rows;
};

static void end(void *state)
{
    struct payers *p = state;

    sheet_close(p->sheet);
}

/* The title of a column as the file has it, for faults that people read. */
static const char *title_of(struct task *t, const struct payers *p, enum column c)
{
    int at = p->header.at[c];
    const char *text = at < 0 ? NULL : arena_strndup(t->arena, p->header.title[at].p, p->header.title[at].n < 60 ? p->header.title[at].n : 60);

    return text == NULL || !utf8_valid(slice_of(text)) ? NAMES[c] : text;
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
    struct task *t = arg;
    struct payers *p = job_state(t);

    if (slice_is(name, "twice"))
        job_fault(t, line, title_of(t, p, C_REF), "twice", "This number stands in an earlier row already.");
    else
        job_fault(t, line, title_of(t, p, C_SUPPORT), "support", "This support is not known.");
}

static int faults_read(struct task *t)
{
    int64_t count;
    int rc = flow_payers_read_faults(t, whole_fault, t, &count);

    if (rc < 0)
        return rc;
    return job_faults(t) > 0 ? job_fail(t) : flow_payers_review(t, job_db(t), job_lease(t), reviewed);
}

static int review(struct task *t)
{
    struct payers *p = job_state(t);

    job_progress(t, "comparing", p->rows, p->rows);
    if (p->rows == 0 && job_faults(t) == 0)
        job_fault(t, 0, "", "empty", "There is no pupil in this file.");
    return flow_payers_faults(t, job_db(t), job_lease(t), faults_read);
}

/* --- rows --- */

struct batch {
    size_t n;
    int32_t lines[ROWS_STEP];
    struct slice data[ROWS_STEP];
};

static int read_rows(struct task *t);

static bool cell_right(struct task *t, const struct payers *p, const struct sheet_row *row, enum column c, struct slice text)
{
    if (sheet_cell_of(row, &p->header, c).kind == SHEET_ERROR)
        job_fault(t, row->number, title_of(t, p, c), "error", "This cell holds an error of the spreadsheet.");
    else if (text.n == 0 && COLUMNS[c].required)
        job_fault(t, row->number, title_of(t, p, c), "required", "This cell is empty.");
    else if (text.n > LENGTHS[c])
        job_fault(t, row->number, title_of(t, p, c), "length", "This cell is too long.");
    else
        return true;
    return false;
}

/* The full name; a given name in a column of its own is put behind. */
static struct slice full_name(struct task *t, const struct payers *p, const struct sheet_row *row)
{
    struct slice name = sheet_cell_of(row, &p->header, C_NAME).text, last = sheet_cell_of(row, &p->header, C_LAST).text;

    return p->header.at[C_LAST] < 0 || last.n == 0 ? name : slice_of(arena_printf(t->arena, "%.*s %.*s", SLICE_FMT(name), SLICE_FMT(last)));
}

static int take_row(struct task *t, struct payers *p, const struct sheet_row *row, struct batch *b)
{
    json_t *doc = json_object();
    bool right = true;
    char *text = NULL;

    for (int c = 0; c < C_LAST; c++) {
        struct slice value = c == C_NAME ? full_name(t, p, row) : sheet_cell_of(row, &p->header, (size_t)c).text;

        if (p->header.at[c] < 0)
            continue;
        right &= cell_right(t, p, row, (enum column)c, value);
        json_object_set_new(doc, NAMES[c], value.n == 0 ? json_null() : json_stringn(value.p, value.n));
    }
    if (right) {
        text = json_dumps(doc, JSON_COMPACT);
        b->lines[b->n] = row->number;
        b->data[b->n] = text == NULL ? (struct slice){ 0 } : arena_copy(t->arena, slice_of(text));
        free(text);
        if (b->data[b->n].p != NULL)
            b->n++;
        else
            right = false;
    }
    json_decref(doc);
    return right || job_faults(t) > 0 ? RC_OK : RC_NOMEM;
}

static int staged(struct task *t)
{
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : job_next(t, read_rows);
}

/* What the reader of the file refuses, in the row where it stopped. */
static int file_fault(struct task *t, const struct payers *p, enum sheet_fault fault, int32_t row)
{
    (void)p;
    job_fault(t, row, "", sheet_fault_name(fault), sheet_fault_text(fault));
    return job_fail(t);
}

static int read_rows(struct task *t)
{
    struct payers *p = job_state(t);
    struct batch *b = arena_alloc(t->arena, sizeof *b);
    struct flow_lines lines;
    struct sheet_row row;
    int found = SHEET_ROW;

    if (b == NULL)
        return RC_NOMEM;
    while (b->n < ROWS_STEP && p->rows < ROWS_MAX && (found = sheet_next(p->sheet, &row)) == SHEET_ROW) {
        int rc = take_row(t, p, &row, b);

        if (rc < 0)
            return rc;
        p->rows++;
    }
    if (found == RC_NOMEM)
        return found;
    if (found < 0) {
        int32_t at;
        enum sheet_fault fault = sheet_fault_of(p->sheet, &at);

        return file_fault(t, p, fault, at);
    }
    if (p->rows == ROWS_MAX) {
        job_fault(t, 0, "", "rows", "There are more than 50,000 rows in this file.");
        return job_fail(t);
    }
    job_progress(t, "reading", p->rows, -1);
    if (b->n == 0)
        return found == SHEET_END ? job_next(t, review) : job_next(t, read_rows);
    lines = (struct flow_lines){ .n = b->n, .lines = b->lines, .data = b->data };
    return flow_payers_stage(t, job_db(t), job_lease(t), &lines, staged);
}

static int open_file(struct task *t)
{
    struct payers *p = job_state(t);
    enum sheet_fault fault = SHEET_FINE;
    int32_t at = 0;
    int rc = sheet_open(job_whole(t), &p->sheet, &fault);

    if (rc == RC_OK && (rc = sheet_find_header(p->sheet, COLUMNS, C_COLUMNS, &p->header)) < 0)
        fault = sheet_fault_of(p->sheet, &at);
    if (rc == RC_NOMEM)
        return rc;
    if (rc < 0 && fault == SHEET_NO_HEADER) {
        job_fault(t, 0, "", "header", "No row of this file names the columns: it needs the number of the pupil and the name.");
        return job_fail(t);
    }
    return rc < 0 ? file_fault(t, p, fault, at) : job_next(t, read_rows);
}

static int begin(struct task *t)
{
    return job_lease(t)->confirmed ? save(t) : job_input_whole(t, FILE_MAX_BYTES, open_file);
}

const struct job_kind kind_payers = { .name = "payers", .state = sizeof(struct payers), .begin = begin, .end = end };
