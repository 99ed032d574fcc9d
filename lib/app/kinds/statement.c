/* Kind "statement": a file of a bank, of the account in params. All of it is checked before a line counts; then its lines become known ones and new ones, are
 * paired with events, and those without a notice are settled. Every step is safe to do twice: a job that is taken again finds its file stored and goes on. */
#include "kinds.h"

#include "khop/base/clock.h"
#include "khop/flow/school.h"
#include "khop/flow/statement.h"

#include <jansson.h>

#include "khop/base/banned.h"

#define ROWS_STEP 2000 /* looked at by one step */

struct reading {
    uint8_t hash[SHA256_SIZE];
    int64_t known; /* file of these bytes */
    struct slice account_no;
    struct statement *statement;
    struct flow_statement_lines *lines;
    struct account_hasher *hasher;
    struct flow_kinds kinds;
    struct statement_line line; /* that found no room in the last call */
    bool held;
    int32_t looked, staged;
    struct flow_statement_file file;
    struct flow_statement_progress progress;
};

static void end(void *state)
{
    struct reading *r = state;

    statement_close(r->statement);
    flow_statement_lines_free(r->lines);
    account_hasher_free(r->hasher);
}

static struct slice hash_of(const struct reading *r)
{
    return (struct slice){ (const char *)r->hash, sizeof r->hash };
}

/* --- the file counts --- */

/* How dates with two readings were read, with an example: people see it before they believe the days. */
static int say_dates(struct task *t, struct slice *doc)
{
    const struct reading *r = job_state(t);
    const struct statement_dates *d = r->statement == NULL ? NULL : &statement_about(r->statement)->dates;
    char day[CLOCK_DATE_SIZE], *text;
    json_t *all;

    if (d == NULL || d->by == STATEMENT_DATES_PLAIN)
        return RC_OK;
    clock_date_text(day, d->day);
    all = json_loadb(doc->p, doc->n, 0, NULL);
    (void)json_object_set_new(all, "dates", json_pack("{s:s, s:s, s:i, s:s, s:s}", "date_order", d->month_first ? "month_first" : "day_first", "date_by",
                                                      statement_dates_by_name(d->by), "row", (int)d->row, "written", d->written, "read", day));
    text = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    *doc = text == NULL ? (struct slice){ 0 } : arena_copy(job_arena(t), slice_of(text));
    free(text);
    return doc->p == NULL ? RC_NOMEM : RC_OK;
}

static int reviewed(struct task *t)
{
    struct slice doc;
    int rc = flow_doc_read(t, &doc);

    if (rc >= 0)
        rc = say_dates(t, &doc);
    return rc < 0 ? rc : job_done(t, doc);
}

static int review(struct task *t)
{
    const struct reading *r = job_state(t);

    return flow_statement_review(t, job_db(t), job_lease(t), r->file.id, r->file.repeated, r->progress.linked, r->progress.healed, reviewed);
}

static int heal(struct task *t);

static int healed(struct task *t)
{
    struct reading *r = job_state(t);
    int rc = flow_statement_healed(t, &r->progress);

    if (rc < 0)
        return rc;
    job_progress(t, "healing", r->progress.healed, r->progress.open > r->progress.healed ? r->progress.open : r->progress.healed);
    return job_next(t, r->progress.all ? review : heal);
}

static int heal(struct task *t)
{
    const struct reading *r = job_state(t);

    return flow_statement_heal(t, job_db(t), job_lease(t), r->file.id, &r->progress, healed);
}

static int matched(struct task *t)
{
    struct reading *r = job_state(t);
    int rc = flow_statement_matched(t, &r->progress);

    return rc < 0 ? rc : job_next(t, r->progress.all ? review : heal);
}

static int match(struct task *t)
{
    const struct reading *r = job_state(t);

    job_progress(t, "comparing", r->file.lines, r->file.lines);
    return flow_statement_match(t, job_db(t), job_lease(t), r->file.id, matched);
}

static int stored(struct task *t)
{
    struct reading *r = job_state(t);
    int rc = flow_statement_stored(t, &r->file);

    return rc < 0 ? rc : job_next(t, match);
}

static int store(struct task *t)
{
    const struct reading *r = job_state(t);

    return flow_statement_store(t, job_db(t), job_lease(t), hash_of(r), statement_about(r->statement), stored);
}

/* --- lines --- */

static int stage(struct task *t);

static int staged(struct task *t)
{
    const struct reading *r = job_state(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    return job_next(t, r->staged < statement_about(r->statement)->lines ? stage : store);
}

/* Fills one call with lines; one that finds no room waits for the next. */
static int stage(struct task *t)
{
    struct reading *r = job_state(t);
    int rc = RC_OK;

    flow_statement_lines_clear(r->lines);
    for (;;) {
        if (!r->held) {
            rc = statement_next(r->statement, &r->line);
            if (rc != STATEMENT_MORE)
                break;
        }
        rc = flow_statement_lines_add(r->lines, &r->line, r->kinds.letters, r->hasher);
        r->held = rc == RC_TOO_LARGE;
        if (rc < 0)
            break;
        r->staged++;
    }
    if (rc < 0 && rc != RC_TOO_LARGE)
        return rc == RC_NOMEM ? rc : RC_INTERNAL; /* it was checked: what cannot be read now is our fault */
    job_progress(t, "reading", r->staged, statement_about(r->statement)->lines);
    return flow_statement_stage(t, job_db(t), job_lease(t), r->lines, staged);
}

static int kinds_read(struct task *t)
{
    struct reading *r = job_state(t);
    int rc = flow_kinds_read(t, &r->kinds);

    if (rc < 0)
        return rc;
    r->lines = flow_statement_lines_new();
    r->hasher = account_hasher_new(job_field_key(t), job_lease(t)->org_id);
    if (r->lines == NULL || r->hasher == NULL)
        return RC_NOMEM;
    rc = statement_rewind(r->statement);
    return rc < 0 ? rc : job_next(t, stage);
}

/* --- the check --- */

static int refused(struct task *t, const struct reading *r)
{
    size_t n;
    int64_t count;
    const struct statement_fault *faults = statement_faults(r->statement, &n, &count);

    for (size_t i = 0; i < n; i++)
        job_fault(t, faults[i].row, "", faults[i].code, faults[i].text);
    for (int64_t i = (int64_t)n; i < count; i++)
        job_fault(t, 0, "", "more", "There are more faults of this kind.");
    return job_fail(t);
}

static int check(struct task *t)
{
    struct reading *r = job_state(t);
    const struct statement_about *about = statement_about(r->statement);
    int rc = statement_check(r->statement, ROWS_STEP);
    size_t n;
    int64_t count;

    if (rc < 0)
        return rc;
    r->looked += ROWS_STEP;
    job_progress(t, "checking", about->lines, -1);
    if (rc == STATEMENT_MORE)
        return job_next(t, check);
    (void)statement_faults(r->statement, &n, &count);
    if (count > 0)
        return refused(t, r);
    if (about->from > about->to) {
        job_fault(t, 0, "", "empty", "There is no line in this file, and it does not say which days it is of.");
        return job_fail(t);
    }
    return flow_kinds_ask(t, job_db(t), kinds_read);
}

static int open_statement(struct task *t, struct reading *r)
{
    enum statement_format format = STATEMENT_AUTO;
    struct statement_fault fault;
    int rc;

    (void)statement_format_by_name(job_lease(t)->format, &format);
    rc = statement_open(job_whole(t), format, r->account_no, clock_day(clock_wall_us(), CLOCK_VN_OFFSET_S), &r->statement, &fault);
    if (rc == RC_NOMEM)
        return rc;
    if (rc < 0) {
        job_fault(t, fault.row, "", fault.code, fault.text);
        return job_fail(t);
    }
    return job_next(t, check);
}

static int begun(struct task *t)
{
    struct reading *r = job_state(t);
    struct slice account_no;
    int rc = flow_statement_begun(t, &account_no, &r->known);

    if (rc == RC_NOT_FOUND) {
        job_fault(t, 0, "", "account", "There is no such account.");
        return job_fail(t);
    }
    if (rc < 0)
        return rc;
    if (r->known != 0) { /* its lines are there; what became of them may not be, when this job was taken again */
        r->file = (struct flow_statement_file){ .id = r->known, .repeated = job_lease(t)->takes <= 1 };
        return job_next(t, match);
    }
    r->account_no = arena_copy(job_arena(t), account_no);
    return r->account_no.p == NULL ? RC_NOMEM : open_statement(t, r);
}

static int whole(struct task *t)
{
    struct reading *r = job_state(t);

    if (crypto_sha256(job_whole(t), r->hash) < 0)
        return RC_INTERNAL;
    return flow_statement_begin(t, job_db(t), job_lease(t), hash_of(r), begun);
}

static int begin(struct task *t)
{
    return job_input_whole(t, STATEMENT_FILE_MAX, whole);
}

const struct job_kind kind_statement = { .name = "statement", .state = sizeof(struct reading), .begin = begin, .end = end };
