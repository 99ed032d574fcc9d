/* Kind "stall_poster": the poster of a stall with its permanent code, as an A5 or an A6. */
#include "kinds.h"

#include "khop/api/doc.h"
#include "khop/base/clock.h"
#include "khop/flow/stall.h"
#include "khop/print/poster.h"

#include "khop/base/banned.h"

static int write_poster(struct task *t, const struct flow_stall_poster *s, struct print_fonts *fonts)
{
    /* As the page of the code makes it: the symbol on the phone and the one on paper are the same. */
    const struct flow_code code = { .code_no = s->code_no, .label = s->name, .bin = s->bin, .account_no = s->account_no };
    const struct vietqr_bank *bank = vietqr_bank(s->bin.p, s->bin.n);
    char payload[VIETQR_ENCODED_MAX], memo[FLOW_MEMO_SIZE];
    struct poster poster = { .name = s->name, .place = s->place, .holder = s->holder, .bank = bank == NULL ? s->bin : slice_of(bank->short_name),
                             .account_no = s->account_no, .made_us = clock_wall_us() };
    char *name = arena_printf(t->arena, "%.*s.pdf", SLICE_FMT(s->name));
    int rc = api_code_payload(&code, payload);

    if (name == NULL)
        rc = RC_NOMEM;
    if (rc == RC_OK)
        rc = flow_code_memo(&code, memo);
    if (rc == RC_OK)
        rc = job_out_open(t, slice_of(name), "application/pdf");
    if (rc < 0)
        return rc;
    poster.payload = slice_of(payload);
    poster.code = slice_of(memo);
    return poster_write(&poster, slice_is(s->size, "a6") ? POSTER_A6 : POSTER_A5, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
}

static int poster_read(struct task *t)
{
    struct flow_stall_poster stall;
    struct print_fonts *fonts;
    int rc = flow_stall_poster_read(t, &stall);

    if (rc == RC_NOT_FOUND) {
        job_fault(t, 0, "", "not_found", "There is no such stall.");
        return job_fail(t);
    }
    if (rc == RC_OK)
        rc = job_fonts(&fonts);
    if (rc == RC_OK)
        rc = write_poster(t, &stall, fonts);
    return rc < 0 ? rc : job_done(t, (struct slice){ 0 });
}

static int begin(struct task *t)
{
    return flow_stall_poster(t, job_db(t), job_lease(t), poster_read);
}

const struct job_kind kind_stall_poster = { .name = "stall_poster", .begin = begin };
