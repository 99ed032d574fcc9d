/* Kind "round_amounts": what single pupils are asked in a draft round, as XLSX or CSV: a column finds the pupil, a column for each item that is named
 * as it has the amount; an empty cell is the amount of the class, 0 nothing. The first pass reads every row, says what is wrong with its row and column,
 * and asks with what it would change; confirmed, the second saves all of it in one transaction. */
#include "kinds.h"
#include "pupil.h"

#include "khop/flow/school.h"
#include "khop/pay/money.h"
#include <jansson.h>

#include <stdlib.h>

#include "khop/base/banned.h"

#define ITEMS_MAX  20
#define UNUSED_MAX 20

enum column { C_REF, C_NAME, C_CLASS, C_LAST, C_ITEMS };

static const char *const NAMES[C_ITEMS] = { "ref", "name", "class", "name" };
static const size_t LENGTHS[C_ITEMS] = { PUPIL_REF_MAX, PUPIL_NAME_MAX, PUPIL_CLASS_MAX, 60 };

struct amounts {
    struct list_in in;
    size_t n; /* items of the round */
    struct slice items[ITEMS_MAX];
    int16_t at[ITEMS_MAX]; /* their columns; -1: none */
};

static void end(void *state)
{
    struct amounts *a = state;

    list_close(&a->in);
}

static void fault(struct task *t, int64_t line, int cell, const char *name, const char *code, const char *detail)
{
    struct amounts *a = job_state(t);

    list_fault(t, &a->in, line, cell, name, code, detail);
}

/* --- saved when confirmed --- */

static int saved(struct task *t)
{
    int rc = flow_rc_read(t);

    if (rc != RC_BAD_INPUT)
        return rc < 0 ? rc : job_ended(t);
    job_fault(t, 0, "", "changed", "The round was changed since this list was looked at. Send the list again.");
    return job_fail(t);
}

static int save(struct task *t)
{
    return flow_round_amounts_apply(t, job_db(t), job_lease(t), saved);
}

/* --- all rows are staged --- */

/* Columns that are no item, so that a name that was mistyped is seen. */
static json_t *unused(struct task *t, const struct amounts *a)
{
    json_t *list = json_array();

    for (size_t c = 0; c < a->in.header.titles && json_array_size(list) < UNUSED_MAX; c++) {
        bool used = slice_is(a->in.header.title[c], LIST_MARK); /* a list that was corrected */

        for (size_t i = 0; i < C_ITEMS; i++)
            used |= a->in.header.at[i] == (int)c;
        for (size_t i = 0; i < a->n; i++)
            used |= a->at[i] == (int)c;
        if (!used && a->in.header.title[c].n > 0)
            json_array_append_new(list, json_string(list_title(t, &a->in, (int)c, "")));
    }
    return list;
}

static int reviewed(struct task *t)
{
    struct amounts *a = job_state(t);
    struct slice doc;
    json_t *result;
    char *text;
    int rc = flow_doc_read(t, &doc);

    if (rc < 0)
        return rc;
    result = json_loadb(doc.p, doc.n, 0, NULL);
    json_object_set_new(result, "unused", unused(t, a));
    text = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    rc = text == NULL ? RC_NOMEM : job_wait(t, slice_of(text));
    free(text);
    return rc;
}

static void whole_fault(void *arg, int64_t line, struct slice name)
{
    static const struct {
        const char *code, *detail;
        enum column c;
    } FAULTS[] = {
        { "unknown", "Nobody has this number.", C_REF },
        { "not_asked", "This pupil is not asked in this round.", C_REF },
        { "other_name", "The pupil with this number has another name.", C_NAME },
        { "nobody", "Nobody in this round has this name in this class.", C_NAME },
        { "ambiguous", "Two pupils have this name in this class: give the number.", C_NAME },
        { "twice", "An earlier row means the same pupil.", C_REF },
    };
    struct task *t = arg;
    const struct amounts *a = job_state(t);

    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
        enum column c = a->in.header.at[FAULTS[i].c] < 0 ? C_NAME : FAULTS[i].c;

        if (slice_is(name, FAULTS[i].code))
            fault(t, line, a->in.header.at[c], NAMES[c], FAULTS[i].code, FAULTS[i].detail);
    }
}

static int faults_read(struct task *t)
{
    int64_t count;
    int rc = flow_payers_read_faults(t, whole_fault, t, &count);

    if (rc < 0)
        return rc;
    return job_faults(t) > 0 ? list_fail(t, job_state(t)) : flow_round_amounts_review(t, job_db(t), job_lease(t), reviewed);
}

static int review(struct task *t)
{
    struct amounts *a = job_state(t);

    job_progress(t, "comparing", a->in.rows, a->in.rows);
    if (a->in.rows == 0 && job_faults(t) == 0)
        job_fault(t, 0, "", "empty", "There is no pupil in this file.");
    return flow_round_amounts_faults(t, job_db(t), job_lease(t), LIST_ROWS_MAX, faults_read);
}

/* --- rows --- */

/* The amount that a cell says; null for an empty one. NULL: told as a fault. */
static json_t *read_amount(struct task *t, const struct sheet_row *row, int cell, struct slice item)
{
    struct sheet_cell c = (size_t)cell < row->n ? row->cells[cell] : (struct sheet_cell){ SLICE(""), SHEET_TEXT };
    const char *name = arena_strndup(t->arena, item.p, item.n);
    int64_t amount = 0;

    if (c.kind != SHEET_ERROR && c.text.n == 0)
        return json_null();
    if (c.kind == SHEET_ERROR)
        fault(t, row->number, cell, name, "error", "This cell holds an error of the spreadsheet.");
    else if (sheet_amount(c, &amount) < 0)
        fault(t, row->number, cell, name, "amount", "This is not an amount in whole đồng.");
    else if (amount < 0 || amount > MONEY_MAX)
        fault(t, row->number, cell, name, "range", "An amount cannot be below zero, nor above 999,999,999,999.");
    else
        return json_integer(amount);
    return NULL;
}

static bool take_who(struct task *t, const struct amounts *a, const struct sheet_row *row, json_t *doc)
{
    struct slice who[] = { [C_REF] = sheet_cell_of(row, &a->in.header, C_REF).text, [C_NAME] = pupil_name(t, &a->in, row, C_NAME, C_LAST),
                           [C_CLASS] = sheet_cell_of(row, &a->in.header, C_CLASS).text };
    bool right = true;

    for (int c = C_REF; c <= C_CLASS; c++) {
        bool error = sheet_cell_of(row, &a->in.header, (size_t)c).kind == SHEET_ERROR;

        if (error || who[c].n > LENGTHS[c]) {
            fault(t, row->number, a->in.header.at[c], NAMES[c], error ? "error" : "length",
                  error ? "This cell holds an error of the spreadsheet." : "This cell is too long.");
            right = false;
        } else if (who[c].n > 0) {
            json_object_set_new(doc, NAMES[c], json_stringn(who[c].p, who[c].n));
        }
    }
    if (right && who[C_REF].n == 0 && (who[C_NAME].n == 0 || who[C_CLASS].n == 0)) {
        enum column c = a->in.header.at[C_REF] >= 0 ? C_REF : who[C_NAME].n == 0 ? C_NAME : C_CLASS;

        fault(t, row->number, a->in.header.at[c], NAMES[c], "required", "This cell is empty.");
        right = false;
    }
    return right;
}

static int take_row(struct task *t, struct list_in *l, const struct sheet_row *row, struct list_lines *out)
{
    const struct amounts *a = (const struct amounts *)(const void *)l; /* its first member */
    json_t *doc = json_object(), *amounts = json_object();
    bool right = take_who(t, a, row, doc);

    for (size_t i = 0; i < a->n; i++) {
        json_t *amount = a->at[i] < 0 ? NULL : read_amount(t, row, a->at[i], a->items[i]);

        right &= a->at[i] < 0 || amount != NULL;
        if (amount != NULL)
            json_object_setn_new(amounts, a->items[i].p, a->items[i].n, amount);
    }
    json_object_set_new(doc, "amounts", amounts);
    return list_put(t, out, row, doc, right);
}

static const struct list_steps STEPS = { .key = C_REF, .take = take_row, .stage = flow_round_amounts_stage, .review = review };

/* --- columns --- */

/* Which column is which item, by its whole name: two that could be one are told, none is guessed. True: at least one, and no fault. */
static bool find_items(struct task *t, struct amounts *a)
{
    const struct sheet_header *h = &a->in.header;
    size_t found = 0;

    for (size_t i = 0; i < a->n; i++) {
        a->at[i] = -1;
        for (size_t c = 0; c < h->titles; c++) {
            if (!sheet_column_is(h, c, a->items[i]))
                continue;
            if (a->at[i] >= 0)
                job_fault(t, h->row, list_title(t, &a->in, (int)c, ""), "column_twice", "Two columns have the name of one item.");
            for (size_t other = 0; other < i; other++) {
                if (a->at[other] == (int)c)
                    job_fault(t, h->row, list_title(t, &a->in, (int)c, ""), "item_twice", "Two items of this round have the name of this column.");
            }
            a->at[i] = (int16_t)c;
            found++;
        }
    }
    if (found == 0)
        job_fault(t, h->row, "", "items", "No column has the name of an item of this round.");
    return job_faults(t) == 0;
}

static int open_file(struct task *t)
{
    static const char NEEDS[] = "No row of this file names the columns: it needs the number of the pupil, or the name and the class, and an item of the round.";
    struct amounts *a = job_state(t);
    struct sheet_column columns[C_ITEMS + ITEMS_MAX] = {
        [C_REF] = { PUPIL_REF, false }, [C_NAME] = { PUPIL_NAME, false }, [C_CLASS] = { PUPIL_CLASS, false }, [C_LAST] = { PUPIL_LAST, false }
    };
    int rc;

    for (size_t i = 0; i < a->n; i++) {
        char *name = arena_strndup(t->arena, a->items[i].p, a->items[i].n);

        if (name == NULL)
            return RC_NOMEM;
        for (char *p = name; *p != '\0'; p++)
            *p = *p == '|' ? ' ' : *p; /* which stands between synonyms */
        columns[C_ITEMS + i] = (struct sheet_column){ name, false };
    }
    a->in.steps = &STEPS;
    rc = list_open(t, &a->in, columns, C_ITEMS + a->n, NEEDS);
    if (rc == RC_OK && a->in.header.at[C_REF] < 0 && (a->in.header.at[C_NAME] < 0 || a->in.header.at[C_CLASS] < 0)) {
        job_fault(t, a->in.header.row, "", "header", NEEDS);
        return job_fail(t);
    }
    if (rc < 0)
        return rc;
    return rc == LIST_REFUSED || !find_items(t, a) ? job_fail(t) : job_next(t, list_read);
}

/* --- the round --- */

static int begun(struct task *t)
{
    struct amounts *a = job_state(t);
    struct slice doc;
    json_t *items, *item;
    size_t i;
    int rc = flow_doc_read(t, &doc);

    if (rc == RC_NOT_FOUND || rc == RC_BAD_INPUT) {
        job_fault(t, 0, "", rc == RC_NOT_FOUND ? "round" : "not_draft",
                  rc == RC_NOT_FOUND ? "This organisation has no such round." : "This round is no draft any more.");
        return job_fail(t);
    }
    if (rc < 0)
        return rc;
    items = json_loadb(doc.p, doc.n, 0, NULL);
    json_array_foreach(items, i, item)
    {
        if (a->n < ITEMS_MAX) {
            a->items[a->n] = arena_copy(job_arena(t), (struct slice){ json_string_value(item), json_string_length(item) });
            rc = a->items[a->n++].p == NULL ? RC_NOMEM : rc;
        }
    }
    json_decref(items);
    return rc < 0 ? rc : job_input_whole(t, LIST_BYTES_MAX, open_file);
}

static int begin(struct task *t)
{
    return job_lease(t)->confirmed ? save(t) : flow_round_amounts_begin(t, job_db(t), job_lease(t), begun);
}

const struct job_kind kind_round_amounts = { .name = "round_amounts", .state = sizeof(struct amounts), .begin = begin, .end = end };
