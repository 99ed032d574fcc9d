/* Kind "slips": the slips of a round for those who have not paid in full, of a class or of all, eight on a page. */
#include "kinds.h"

#include "khop/api/doc.h"
#include "khop/base/clock.h"
#include "khop/flow/school.h"
#include "khop/pay/code.h"
#include "khop/print/slip.h"

#include "khop/base/banned.h"

#define ROWS_STEP 48 /* six pages: some tens of milliseconds */

struct run {
    struct slips *slips;
    struct flow_round_paper paper; /* texts in the job's arena */
    int32_t after, made;
    char class_name[64];
    size_t nclass;
};

static int print(struct task *t);

static void end(void *state)
{
    struct run *r = state;

    slips_free(r->slips);
}

static bool keep(struct task *t, struct slice *s)
{
    if (s->p == NULL)
        return true;
    *s = arena_copy(job_arena(t), *s);
    return s->p != NULL;
}

static int print_one(struct run *r, const struct flow_round_row *row)
{
    struct flow_code code = { .code_no = row->code_no, .has_amount = true, .amount = row->amount - row->received, .label = r->paper.name,
                              .bin = r->paper.bin, .account_no = r->paper.account_no };
    char payload[VIETQR_ENCODED_MAX], text[CODE_SIZE];
    struct slip slip;
    int rc = api_code_payload(&code, payload);

    if (rc < 0)
        return rc;
    code_text(text, row->code_no);
    slip = (struct slip){ .given_name = row->given_name, .class_name = row->class_name, .label = r->paper.name, .has_amount = true, .amount = code.amount,
                          .payload = slice_of(payload), .code = slice_of(text), .has_due = true, .due_day = r->paper.due_on };
    /* For each class a stack of its own. */
    if (r->made > 0 && !slice_eq(row->class_name, (struct slice){ r->class_name, r->nclass }))
        slips_break(r->slips);
    r->nclass = row->class_name.n < sizeof r->class_name ? row->class_name.n : sizeof r->class_name;
    memcpy(r->class_name, row->class_name.p, r->nclass);
    r->made++;
    return slips_add(r->slips, &slip);
}

static int ended(struct task *t, struct run *r)
{
    char *result;
    int rc;

    if (r->made == 0) {
        job_fault(t, 0, "", "empty", "Nobody here has anything left to pay.");
        return job_fail(t);
    }
    rc = slips_end(r->slips);
    if (rc < 0)
        return rc;
    result = arena_printf(t->arena, "{\"slips\": %d, \"pages\": %d}", (int)r->made, slips_pages(r->slips));
    return result == NULL ? RC_NOMEM : job_done(t, slice_of(result));
}

static int rows_read(struct task *t)
{
    struct run *r = job_state(t);
    struct flow_round_row *rows;
    size_t n;
    int rc = flow_round_read_rows(t, &rows, &n);

    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        r->after = rows[i].place;
        if (rows[i].code_no != 0 && (slice_is(rows[i].state, "open") || slice_is(rows[i].state, "part")))
            rc = print_one(r, &rows[i]);
    }
    if (rc < 0)
        return rc;
    job_progress(t, "printing", r->after, r->paper.payers);
    return n < ROWS_STEP ? ended(t, r) : job_next(t, print);
}

static int print(struct task *t)
{
    struct run *r = job_state(t);

    return flow_round_rows(t, job_db(t), job_lease(t), r->after, ROWS_STEP, rows_read);
}

static int paper_read(struct task *t)
{
    struct run *r = job_state(t);
    struct print_fonts *fonts;
    int rc = flow_round_read_paper(t, &r->paper);
    const struct vietqr_bank *bank;
    struct slips_head head;
    char *name;

    if (rc == RC_OK && (!keep(t, &r->paper.unit) || !keep(t, &r->paper.name) || !keep(t, &r->paper.bin) || !keep(t, &r->paper.account_no) ||
                        !keep(t, &r->paper.holder) || !keep(t, &r->paper.class_name) || !keep(t, &r->paper.hotline)))
        rc = RC_NOMEM;
    if (rc == RC_OK)
        rc = job_fonts(&fonts);
    if (rc < 0)
        return rc;
    bank = vietqr_bank(r->paper.bin.p, r->paper.bin.n);
    head = (struct slips_head){ .unit = r->paper.unit.p, .hotline = r->paper.hotline.p, .bank = bank == NULL ? NULL : bank->short_name, .account_no = r->paper.account_no.p,
                                .holder = r->paper.holder.p, .made_us = clock_wall_us() };
    name = arena_printf(t->arena, "%s%s%s.pdf", r->paper.name.p, r->paper.class_name.p == NULL ? "" : " - ", r->paper.class_name.p == NULL ? "" : r->paper.class_name.p);
    rc = name == NULL ? RC_NOMEM : job_out_open(t, slice_of(name), "application/pdf");
    if (rc == RC_OK)
        rc = slips_open(&r->slips, &head, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
    return rc < 0 ? rc : job_next(t, print);
}

static int begin(struct task *t)
{
    return flow_round_paper(t, job_db(t), job_lease(t), paper_read);
}

const struct job_kind kind_slips = { .name = "slips", .state = sizeof(struct run), .begin = begin, .end = end };
