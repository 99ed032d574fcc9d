/* Up to what sum one person alone decides: seen by all, changed by the administrator who has just proved to be there. */
#include "desk_private.h"

#include "khop/flow/alone.h"

#include "khop/base/banned.h"

static const char *const MEMBERS[] = { "amount", NULL };

static json_t *alone_doc(const struct flow_alone *a)
{
    json_t *doc = json_pack("{s:I, s:I}", "amount", (json_int_t)a->amount, "ceiling", (json_int_t)ALONE_LIMIT_MAX);

    api_set_time(doc, "changed_at", a->changed, a->changed_us);
    api_set_slice(doc, "changed_by", a->changed_by);
    return doc;
}

static int alone_read(struct task *t)
{
    struct flow_alone alone;
    int rc = flow_alone_read(t, &alone);

    return rc < 0 ? rc : desk_reply(req_of(t), 200, "alone.html", alone_doc(&alone));
}

int desk_alone(struct req *rq)
{
    struct slice token;
    int rc = desk_begin(rq, &token);

    return rc != RC_OK ? desk_over(rc) : flow_alone_get(&rq->task, rq->app, token, alone_read);
}

static int saved_read(struct task *t)
{
    struct flow_alone alone;
    int rc = flow_alone_read(t, &alone);

    return rc < 0 ? rc : desk_done(req_of(t), 200, alone_doc(&alone), "said.alone", "/desk/alone-limit");
}

static int saved(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice token;
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        rc = desk_begin(rq, &token);
    return rc != RC_OK ? desk_over(rc) : flow_alone_get(t, rq->app, token, saved_read);
}

int desk_alone_save(struct req *rq)
{
    int64_t amount = 0;
    struct slice token;
    struct api_in in;
    bool has;
    int rc = desk_begin(rq, &token);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_alone);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", MEMBERS);
    api_in_int(&in, NULL, "/amount", 0, ALONE_LIMIT_MAX, &has, &amount);
    if (!has && in.nerrors == 0)
        api_in_fault(&in, "/amount", "required", "This is required.");
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_alone_save(&rq->task, rq->app, token, amount, saved);
}
