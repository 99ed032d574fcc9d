#include "list_in.h"

#include "khop/api/problem.h"
#include "khop/base/utf8.h"
#include "khop/print/marked.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define TITLE_MAX 60
#define ROWS_STEP 500
#define FILE_NAME "Danh sách cần sửa.xlsx"
#define FILE_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* --- reading --- */

/* What the reader of the file refuses, in the row where it stopped. */
static int refused(struct task *t, enum sheet_fault fault, int32_t row)
{
    job_fault(t, row, "", sheet_fault_name(fault), sheet_fault_text(fault));
    return LIST_REFUSED;
}

int list_open(struct task *t, struct list_in *l, const struct sheet_column *columns, size_t n, const char *needs)
{
    enum sheet_fault fault = SHEET_FINE;
    int32_t at = 0;
    int rc = sheet_open(job_whole(t), &l->sheet, &fault);

    if (rc == RC_OK && (rc = sheet_find_header(l->sheet, columns, n, &l->header)) < 0)
        fault = sheet_fault_of(l->sheet, &at);
    if (rc >= 0 || rc == RC_NOMEM)
        return rc < 0 ? rc : RC_OK;
    if (fault != SHEET_NO_HEADER)
        return refused(t, fault, at);
    job_fault(t, 0, "", "header", needs);
    return LIST_REFUSED;
}

int list_next(struct task *t, struct list_in *l, struct sheet_row *row)
{
    int32_t at = 0;
    int rc = sheet_next(l->sheet, row);

    if (rc >= 0 || rc == RC_NOMEM)
        return rc;
    return refused(t, sheet_fault_of(l->sheet, &at), at);
}

const char *list_title(struct task *t, const struct list_in *l, int cell, const char *name)
{
    struct slice title = cell < 0 || (size_t)cell >= l->header.titles ? (struct slice){ 0 } : l->header.title[cell];
    const char *text = title.n == 0 ? NULL : arena_strndup(t->arena, title.p, title.n < TITLE_MAX ? title.n : TITLE_MAX);

    return text == NULL || !utf8_valid(slice_of(text)) ? name : text;
}

bool list_says_sum(struct slice text)
{
    static const char *const WORDS[] = { "Tổng", "TỔNG", "tổng", "Cộng", "CỘNG", "cộng" }; /* with its marks: Tòng is a family */

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (slice_starts(text, slice_of(WORDS[i])))
            return true;
    }
    return false;
}

static bool is_sum(const struct sheet_row *row)
{
    size_t first = 0;

    while (first < row->n && row->cells[first].text.n == 0)
        first++;
    return first < row->n && list_says_sum(row->cells[first].text);
}

int list_put(struct task *t, struct list_lines *out, const struct sheet_row *row, json_t *doc, bool right)
{
    char *text = right ? json_dumps(doc, JSON_COMPACT) : NULL;

    json_decref(doc);
    if (text != NULL) {
        out->lines[out->n] = row->number;
        out->data[out->n] = arena_copy(t->arena, slice_of(text));
        free(text);
        right = out->data[out->n].p != NULL;
        out->n += right;
        return right ? RC_OK : RC_NOMEM;
    }
    return !right && job_faults(t) > 0 ? RC_OK : RC_NOMEM;
}

/* RC_OK, LIST_REFUSED, or what `take` failed with. */
static int next_rows(struct task *t, struct list_in *l, struct list_lines **out)
{
    struct list_lines *lines = arena_alloc(t->arena, sizeof *lines);
    struct sheet_row row;
    int found = SHEET_ROW;

    if (lines == NULL)
        return RC_NOMEM;
    while (lines->n < LIST_STEP && l->rows < LIST_ROWS_MAX && (found = list_next(t, l, &row)) == SHEET_ROW) {
        bool sum = sheet_cell_of(&row, &l->header, l->steps->key).text.n == 0 && is_sum(&row);
        int rc = sum ? RC_OK : l->steps->take(t, l, &row, lines);

        if (rc < 0)
            return rc;
        l->rows++;
    }
    if (found < 0 || found == LIST_REFUSED)
        return found;
    if (l->rows == LIST_ROWS_MAX) {
        job_fault(t, 0, "", "rows", "There are more than 50,000 rows in this file.");
        return LIST_REFUSED;
    }
    job_progress(t, "reading", l->rows, -1);
    lines->end = found == SHEET_END;
    *out = lines;
    return RC_OK;
}

static int staged(struct task *t)
{
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : job_next(t, list_read);
}

int list_read(struct task *t)
{
    struct list_in *l = job_state(t);
    struct list_lines *rows;
    struct flow_lines lines;
    int rc = next_rows(t, l, &rows);

    if (rc != RC_OK)
        return rc < 0 ? rc : job_fail(t);
    if (rows->n == 0)
        return job_next(t, rows->end ? l->steps->review : list_read);
    lines = (struct flow_lines){ .n = rows->n, .lines = rows->lines, .data = rows->data };
    return l->steps->stage(t, job_db(t), job_lease(t), &lines, staged);
}

/* --- what is wrong --- */

void list_fault(struct task *t, struct list_in *l, int64_t line, int cell, const char *name, const char *code, const char *detail)
{
    job_fault(t, line, list_title(t, l, cell, name), code, detail);
    if (l->n_marks == l->room && l->room < LIST_FAULTS_MAX) {
        size_t room = l->room == 0 ? 256 : l->room * 2;
        struct list_mark *marks = reallocarray(l->marks, room, sizeof *marks);

        if (marks == NULL)
            return; /* the job tells it, if not the file */
        l->marks = marks;
        l->room = room;
    }
    if (l->n_marks < l->room)
        l->marks[l->n_marks++] = (struct list_mark){ .line = (int32_t)line, .cell = (int16_t)cell, .detail = detail };
}

/* --- the file that says it --- */

static int by_line(const void *a, const void *b)
{
    const struct list_mark *x = a, *y = b;

    return x->line != y->line ? (x->line < y->line ? -1 : 1) : x->cell - y->cell;
}

/* "Họ và tên: Ô này trống. Lớp: …" of the row, whose cells are marked. */
static struct slice mark_text(struct task *t, struct list_in *l, int32_t line, struct marked_cell *cells, size_t n)
{
    struct buf b;

    buf_init_arena(&b, t->arena, MARKED_TEXT_MAX);
    while (l->told < l->n_marks && l->marks[l->told].line < line)
        l->told++;
    for (; l->told < l->n_marks && l->marks[l->told].line == line; l->told++) {
        const struct list_mark *m = &l->marks[l->told];
        const char *title = list_title(t, l, m->cell, NULL);

        if (m->cell >= 0 && (size_t)m->cell < n)
            cells[m->cell].wrong = true;
        buf_printf(&b, "%s%s%s%s", b.n == 0 ? "" : " ", title == NULL ? "" : title, title == NULL ? "" : ": ", api_detail_in("vi", m->detail));
    }
    return buf_slice(&b);
}

static int write_one(struct task *t, struct list_in *l, const struct sheet_row *row)
{
    size_t n = row->n > l->header.titles ? row->n : l->header.titles; /* an empty cell at the end may be what is wrong */
    struct marked_cell *cells = arena_array(t->arena, n + 1, sizeof *cells);

    if (cells == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < row->n; i++) {
        if (l->shows == NULL || row->number == l->header.row || l->shows(l, i, row->cells[i].text))
            cells[i] = (struct marked_cell){ .text = row->cells[i].text, .number = row->cells[i].kind == SHEET_NUMBER };
    }
    return marked_row(l->out, row->number, mark_text(t, l, row->number, cells, n), cells, n);
}

static int write_rows(struct task *t)
{
    struct list_in *l = job_state(t);
    struct sheet_row row;
    int rc = SHEET_ROW;

    for (int i = 0; i < ROWS_STEP && (rc = sheet_next(l->sheet, &row)) == SHEET_ROW; i++) {
        int written = write_one(t, l, &row);

        if (written < 0)
            return written;
    }
    if (rc == SHEET_ROW)
        return job_next(t, write_rows);
    if (rc == SHEET_END)
        rc = marked_end(l->out);
    return rc < 0 ? rc : job_fail(t);
}

int list_fail(struct task *t, struct list_in *l)
{
    int rc;

    if (l->n_marks == 0)
        return job_fail(t);
    qsort(l->marks, l->n_marks, sizeof *l->marks, by_line);
    job_progress(t, "marking", 0, -1);
    rc = sheet_select(l->sheet, l->header.sheet);
    if (rc == RC_OK)
        rc = job_out_open(t, SLICE(FILE_NAME), FILE_TYPE);
    if (rc == RC_OK)
        rc = marked_open(&l->out, "Danh sách", LIST_MARK, l->header.row, (struct print_sink){ job_out_write, job_out_sink(t) });
    return rc < 0 ? rc : job_next(t, write_rows);
}

void list_close(struct list_in *l)
{
    marked_free(l->out);
    sheet_close(l->sheet);
    free(l->marks);
    *l = (struct list_in){ 0 };
}
