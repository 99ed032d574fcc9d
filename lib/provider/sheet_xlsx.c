/* XLSX: what the workbook says (sheets, styles, shared strings), then rows of one worksheet, a row at a time: the parser is paused at
 * the end of each. Names of elements are compared without their namespace, so both editions of the standard are read. */
#include "sheet_xlsx.h"

#include "khop/base/num.h"
#include <stdlib.h>

#include "khop/base/banned.h"

/* Character data of what is being collected. */
static void collect(void *arg, const XML_Char *text, int n)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;

    if (!s->collect || n <= 0)
        return;
    buf_put(&s->text, text, (size_t)n);
    if (s->text.failed)
        sheet_xml_stop(x, SHEET_ROW_TOO_LONG);
}

/* Room for one more in an array that doubles; false: no memory. */
static bool grow(void **array, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap == 0 ? 64 : *cap * 2;
    void *p;

    if (n < *cap)
        return true;
    p = realloc(*array, more * size);
    if (p == NULL)
        return false;
    *array = p;
    *cap = more;
    return true;
}

static void out_of_memory(struct sheet_xml *x)
{
    x->nomem = true;
    (void)XML_StopParser(x->parser, XML_FALSE);
}

/* --- relations and the workbook --- */

static bool ends(const char *text, const char *with)
{
    size_t n = strlen(text), m = strlen(with);

    return n >= m && strcmp(text + n - m, with) == 0;
}

static void XMLCALL relation_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;
    const char *id = sheet_xml_attribute(attributes, "Id"), *target = sheet_xml_attribute(attributes, "Target");
    const char *type = sheet_xml_attribute(attributes, "Type");

    if (!xlsx_is(name, "Relationship") || id == NULL || target == NULL || type == NULL || s->n_relations == RELATIONS_MAX)
        return;

    struct relation *r = &s->relations[s->n_relations];

    *r = (struct relation){ .id = arena_copy(s->arena, slice_of(id)), .target = arena_copy(s->arena, slice_of(target)) };
    if (r->id.p == NULL || r->target.p == NULL) {
        sheet_xml_stop(x, SHEET_BOMB);
        return;
    }
    r->is_strings = ends(type, "/sharedStrings");
    r->is_styles = ends(type, "/styles");
    r->is_workbook = ends(type, "/officeDocument");
    s->n_relations++;
}

static int read_relations(struct sheet_xlsx *s, const char *path, enum sheet_fault *fault)
{
    struct sheet_xml_handlers h = { relation_start, NULL, NULL, s };

    s->n_relations = 0;
    return sheet_xml_read(s->zip, path, &h, fault);
}

/* A target as a path in the archive: absolute, or relative to the folder of `from`; "../" is walked. NULL without memory. */
static char *resolve(struct arena *arena, struct slice from, struct slice target)
{
    struct buf path;

    buf_init_arena(&path, arena, 4096);
    if (target.n > 0 && target.p[0] == '/') {
        target = slice_sub(target, 1, target.n);
    } else {
        while (from.n > 0 && from.p[from.n - 1] != '/')
            from.n--;
        buf_put_slice(&path, from);
    }
    while (target.n > 0) {
        struct slice part = slice_cut(&target, '/');

        if (slice_is(part, "..")) {
            if (path.n > 0)
                path.n--; /* the slash */
            while (path.n > 0 && path.p[path.n - 1] != '/')
                path.n--;
        } else if (!slice_is(part, ".") && part.n > 0) {
            buf_put_slice(&path, part);
            if (target.n > 0)
                buf_putc(&path, '/');
        }
    }
    return path.failed ? NULL : arena_strndup(arena, path.p, path.n);
}

static void XMLCALL workbook_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;

    if (xlsx_is(name, "workbookPr")) {
        const char *v = sheet_xml_attribute(attributes, "date1904");

        s->since_1904 = v != NULL && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
        return;
    }
    if (!xlsx_is(name, "sheet") || s->n_sheets == SHEET_SHEETS_MAX)
        return;

    const char *title = sheet_xml_attribute(attributes, "name"), *state = sheet_xml_attribute(attributes, "state");
    const char *id = NULL;

    for (const char **a = attributes; a[0] != NULL; a += 2) { /* r:id, not sheetId */
        if (xlsx_is(a[0], "id"))
            id = a[1];
    }
    if (id == NULL || (state != NULL && strcmp(state, "visible") != 0))
        return;

    struct worksheet *w = &s->sheets[s->n_sheets];
    struct slice full = slice_of(title == NULL ? "" : title);

    w->name = arena_copy(s->arena, slice_sub(full, 0, NAME_MAX_BYTES));
    w->relation = arena_copy(s->arena, slice_of(id));
    if (w->name.p == NULL || w->relation.p == NULL)
        sheet_xml_stop(x, SHEET_BOMB);
    else
        s->n_sheets++;
}

/* --- shared strings --- */

static void XMLCALL strings_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct sheet_xlsx *s = ((struct sheet_xml *)arg)->arg;

    (void)attributes;
    if (xlsx_is(name, "si"))
        buf_clear(&s->text);
    else if (xlsx_is(name, "rPh"))
        s->in_phonetic = true;
    else if (xlsx_is(name, "t"))
        s->collect = !s->in_phonetic;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

void xlsx_unescape(struct buf *text)
{
    size_t to = 0;

    for (size_t i = 0; i < text->n; i++, to++) {
        const char *p = text->p + i;

        if (text->n - i >= 7 && p[0] == '_' && p[1] == 'x' && p[2] == '0' && p[3] == '0' && is_hex(p[4]) && is_hex(p[5]) && p[6] == '_' &&
            (p[4] == '0' || p[4] == '1')) {
            text->p[to] = ' ';
            i += 6;
        } else {
            text->p[to] = *p;
        }
    }
    text->n = to;
}

static void XMLCALL strings_end(void *arg, const XML_Char *name)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;
    int rc;

    if (xlsx_is(name, "t"))
        s->collect = false;
    else if (xlsx_is(name, "rPh"))
        s->in_phonetic = false;
    if (!xlsx_is(name, "si"))
        return;
    if (s->n_strings + 1 >= STRINGS_COUNT_MAX) {
        sheet_xml_stop(x, SHEET_TOO_MANY_STRINGS);
        return;
    }
    if (!grow((void **)&s->at, s->n_strings + 1, &s->cap_strings, sizeof *s->at)) {
        out_of_memory(x);
        return;
    }
    xlsx_unescape(&s->text);
    s->at[s->n_strings] = (uint32_t)s->strings.n;
    rc = sheet_clean(&s->strings, buf_slice(&s->text), &s->sheet->about.replaced);
    if (rc < 0)
        sheet_xml_stop(x, SHEET_TOO_MANY_STRINGS);
    s->n_strings++;
    s->at[s->n_strings] = (uint32_t)s->strings.n;
}

/* --- styles --- */

int64_t xlsx_number(const char *text)
{
    int64_t v = -1;

    return text != NULL && num_parse(slice_of(text), 0, INT32_MAX, true, &v) == RC_OK ? v : -1;
}

static bool is_own_date(const struct sheet_xlsx *s, int64_t id)
{
    for (size_t i = 0; i < s->n_date_formats; i++) {
        if (s->date_formats[i] == id)
            return true;
    }
    return false;
}

static void XMLCALL styles_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;
    int64_t id = xlsx_number(sheet_xml_attribute(attributes, "numFmtId"));

    if (xlsx_is(name, "cellXfs")) {
        s->in_formats = true;
    } else if (xlsx_is(name, "numFmt")) {
        const char *code = sheet_xml_attribute(attributes, "formatCode");

        if (code == NULL || !sheet_format_is_date(slice_of(code)) || s->n_date_formats == 4096)
            return;
        if (!grow((void **)&s->date_formats, s->n_date_formats, &s->cap_date_formats, sizeof *s->date_formats))
            out_of_memory(x);
        else
            s->date_formats[s->n_date_formats++] = id;
    } else if (xlsx_is(name, "xf") && s->in_formats && s->n_styles < STYLES_MAX) {
        if (!grow((void **)&s->style_is_date, s->n_styles, &s->cap_styles, sizeof *s->style_is_date))
            out_of_memory(x);
        else
            s->style_is_date[s->n_styles++] = sheet_format_id_is_date(id) || is_own_date(s, id);
    }
}

static void XMLCALL styles_end(void *arg, const XML_Char *name)
{
    struct sheet_xlsx *s = ((struct sheet_xml *)arg)->arg;

    if (xlsx_is(name, "cellXfs"))
        s->in_formats = false;
}

/* --- the file --- */

static const struct relation *relation_of(const struct sheet_xlsx *s, struct slice id)
{
    for (size_t i = 0; i < s->n_relations; i++) {
        if (slice_eq(s->relations[i].id, id))
            return &s->relations[i];
    }
    return NULL;
}

static int find_workbook(struct sheet_xlsx *s, enum sheet_fault *fault)
{
    int rc = read_relations(s, "_rels/.rels", fault);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < s->n_relations; i++) {
        if (s->relations[i].is_workbook)
            s->workbook = resolve(s->arena, SLICE(""), s->relations[i].target);
    }
    if (s->workbook != NULL && sheet_zip_has(s->zip, s->workbook))
        return RC_OK;
    *fault = SHEET_NOT_A_SHEET;
    return RC_BAD_INPUT;
}

/* "xl/workbook.xml" → "xl/_rels/workbook.xml.rels" */
static char *relations_path(struct arena *arena, const char *part)
{
    const char *slash = strrchr(part, '/');
    int folder = slash == NULL ? 0 : (int)(slash - part) + 1;

    return arena_printf(arena, "%.*s_rels/%s.rels", folder, part, part + folder);
}

static int read_workbook(struct sheet_xlsx *s, enum sheet_fault *fault)
{
    struct sheet_xml_handlers h = { workbook_start, NULL, NULL, s };
    char *path = relations_path(s->arena, s->workbook);
    int rc = path == NULL ? RC_NOMEM : read_relations(s, path, fault);

    if (rc >= 0)
        rc = sheet_xml_read(s->zip, s->workbook, &h, fault);
    for (size_t i = 0; i < s->n_sheets && rc >= 0; i++) {
        const struct relation *r = relation_of(s, s->sheets[i].relation);
        char *part = r == NULL ? NULL : resolve(s->arena, slice_of(s->workbook), r->target);

        if (part == NULL || !sheet_zip_has(s->zip, part)) {
            *fault = SHEET_BROKEN_ARCHIVE;
            return RC_BAD_INPUT;
        }
        s->sheets[i].path = slice_of(part);
    }
    if (rc >= 0 && s->n_sheets == 0) {
        *fault = SHEET_EMPTY;
        return RC_BAD_INPUT;
    }
    return rc;
}

static int read_parts(struct sheet_xlsx *s, enum sheet_fault *fault)
{
    struct sheet_xml_handlers strings = { strings_start, strings_end, collect, s }, styles = { styles_start, styles_end, NULL, s };

    for (size_t i = 0; i < s->n_relations; i++) {
        const struct relation *r = &s->relations[i];
        char *part = r->is_strings || r->is_styles ? resolve(s->arena, slice_of(s->workbook), r->target) : NULL;
        int rc;

        if (part == NULL || !sheet_zip_has(s->zip, part) || (r->is_strings && s->n_strings > 0) || (r->is_styles && s->n_styles > 0))
            continue;
        rc = sheet_xml_read(s->zip, part, r->is_strings ? &strings : &styles, fault);
        s->collect = s->in_phonetic = false;
        if (rc < 0)
            return rc;
    }
    return RC_OK;
}

int sheet_xlsx_open(struct sheet *sheet, struct slice file)
{
    struct sheet_xlsx *s = calloc(1, sizeof *s);
    enum sheet_fault fault = SHEET_FINE;
    int rc;

    if (s == NULL)
        return RC_NOMEM;
    sheet->xlsx = s;
    sheet->about.format = SHEET_XLSX;
    s->sheet = sheet;
    buf_init(&s->strings, SHEET_STRINGS_MAX);
    buf_init(&s->text, SHEET_CELL_MAX);
    buf_init(&s->number, 256);
    s->arena = arena_new(PARTS_BYTES_MAX);
    s->relations = s->arena == NULL ? NULL : arena_array(s->arena, RELATIONS_MAX, sizeof *s->relations);
    if (s->relations == NULL)
        return RC_NOMEM;
    s->zip = sheet_zip_open(file, &fault);
    if (s->zip == NULL)
        return fault == SHEET_FINE ? RC_NOMEM : sheet_fail(sheet, fault, 0);
    if (!sheet_zip_has(s->zip, "_rels/.rels"))
        return sheet_fail(sheet, SHEET_NOT_A_SHEET, 0);
    rc = find_workbook(s, &fault);
    if (rc >= 0)
        rc = read_workbook(s, &fault);
    if (rc >= 0)
        rc = read_parts(s, &fault);
    if (rc < 0 && fault != SHEET_FINE)
        return sheet_fail(sheet, fault, 0);
    sheet->about.sheets = s->n_sheets;
    return rc;
}

int sheet_xlsx_start(struct sheet *sheet, size_t i)
{
    struct sheet_xlsx *s = sheet->xlsx;
    struct sheet_xml_handlers h = { xlsx_cells_start, xlsx_cells_end, collect, s };
    enum sheet_fault fault;

    sheet_xml_end(&s->xml);
    s->started = false;
    s->collect = s->in_inline = s->in_phonetic = s->in_row = false;
    s->row = 0;
    fault = sheet_xml_begin(&s->xml, s->zip, s->sheets[i].path.p, &h);
    return fault == SHEET_FINE ? RC_OK : sheet_fail(sheet, fault, 0);
}

int sheet_xlsx_next(struct sheet *sheet, struct sheet_row *row)
{
    struct sheet_xlsx *s = sheet->xlsx;

    if (sheet_xml_run(&s->xml)) {
        sheet_line_done(&sheet->line, (int32_t)s->row, row);
        return SHEET_ROW;
    }
    if (s->xml.nomem)
        return RC_NOMEM;
    return s->xml.fault == SHEET_FINE ? SHEET_END : sheet_fail(sheet, s->xml.fault, (int32_t)s->row);
}

struct slice sheet_xlsx_name(const struct sheet_xlsx *x, size_t i)
{
    return x->sheets[i].name;
}

void sheet_xlsx_close(struct sheet_xlsx *x)
{
    if (x == NULL)
        return;
    sheet_xml_end(&x->xml);
    if (x->zip != NULL)
        zip_discard(x->zip);
    buf_release(&x->strings);
    buf_release(&x->text);
    buf_release(&x->number);
    free(x->at);
    free(x->date_formats);
    free(x->style_is_date);
    arena_free(x->arena);
    free(x);
}
