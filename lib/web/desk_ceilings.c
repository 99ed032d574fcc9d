/* Ceilings of fees: the list with its form. */
#include "desk_school.h"

#include "khop/flow/school.h"
#include "khop/pay/money.h"
#include "khop/web/desk.h"
#include "khop/web/locale.h"
#include "khop/web/school.h"

#include <stdio.h>

#include "khop/base/banned.h"

static const char *const MEMBERS[] = { "kind", "amount", "decision", "valid_from", "valid_to", NULL };

/* The choices of a form's field "kind". */
static void kind_choices(struct req *rq, json_t *doc)
{
    for (size_t i = 0; SCHOOL_KINDS[i] != NULL; i++) {
        char key[40];

        (void)snprintf(key, sizeof key, "kind.%s", SCHOOL_KINDS[i]);
        desk_choice(rq, doc, "kind", SCHOOL_KINDS[i], json_string(locale_get(locale_language(desk_language(rq)), key)));
    }
}

static int list_done(struct task *t)
{
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    kind_choices(req_of(t), doc);
    return desk_reply(req_of(t), 200, "ceilings.html", doc);
}

int desk_ceilings(struct req *rq)
{
    struct slice hash;
    int rc = desk_begin(rq, &hash);

    return rc != RC_OK ? desk_over(rc) : flow_ceiling_list(&rq->task, rq->app, hash, list_done);
}

static int create_done(struct task *t)
{
    json_t *doc;
    int rc = school_doc(t, &doc);

    return rc < 0 ? rc : desk_done(req_of(t), 201, doc, "said.ceiling", "/desk/ceilings");
}

static bool known(struct slice kind)
{
    for (size_t i = 0; SCHOOL_KINDS[i] != NULL; i++) {
        if (slice_is(kind, SCHOOL_KINDS[i]))
            return true;
    }
    return false;
}

int desk_ceilings_create(struct req *rq)
{
    struct flow_ceiling c = { .amount = 0 };
    struct slice hash;
    struct api_in in;
    bool has = false, from = false;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_ceilings);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", MEMBERS);
    api_in_text(&in, NULL, "/kind", 1, 16, &c.kind);
    if (c.kind.p != NULL && !known(c.kind))
        api_in_fault(&in, "/kind", "kind", "This must be meal, care, housing, water, bedding, tuition or other.");
    api_in_int(&in, NULL, "/amount", MONEY_MIN, MONEY_MAX, &has, &c.amount);
    if (!has && json_object_get(in.root, "amount") == NULL)
        api_in_fault(&in, "/amount", "required", "This member is needed.");
    api_in_free_text(&in, NULL, "/decision", 1, 120, &c.decision);
    api_in_date(&in, NULL, "/valid_from", &from, &c.valid_from);
    if (!from && json_object_get(in.root, "valid_from") == NULL)
        api_in_fault(&in, "/valid_from", "required", "This member is needed.");
    api_in_date(&in, NULL, "/valid_to", &c.has_end, &c.valid_to);
    if (from && c.has_end && c.valid_to < c.valid_from)
        api_in_fault(&in, "/valid_to", "order", "This must not be before the first day.");
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_ceiling_add(&rq->task, rq->app, hash, &c, create_done);
}
