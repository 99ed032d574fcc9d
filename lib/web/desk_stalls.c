/* Stalls, for who manages the market: made, given to a seller, closed. What a seller sees of his own is in desk_stall.c. */
#include "desk_stalls.h"

#include "khop/api/job.h"
#include "khop/api/query.h"
#include "khop/base/enc.h"
#include "khop/pay/code.h"
#include "khop/web/desk.h"
#include "vietqr.h"

#include "khop/base/banned.h"

static const char *const STALL_MEMBERS[] = { "name", "place", "bin", "account_no", "holder", NULL };
static const char *const OWNER_MEMBERS[] = { "owner", NULL };

json_t *desk_stall_doc(const struct flow *f, const struct flow_stall *s)
{
    json_t *doc = json_object(), *account = json_object();
    char code[CODE_SIZE], token[TOKEN_SIZE];

    code_text(code, s->code_no);
    api_token_text(enc_id_bucket(s->id), s->pay_token, token);
    api_set_id(doc, "id", "stl", s->id);
    api_set_slice(doc, "name", s->name);
    api_set_slice(doc, "place", s->place);
    api_set_id(account, "id", "acc", s->account_id);
    api_set_slice(account, "bin", s->bin);
    api_set_slice(account, "account_no", s->account_no);
    api_set_slice(account, "holder", s->holder);
    json_object_set_new(doc, "account", account);
    json_object_set_new(doc, "code", json_string(code));
    api_set_url(doc, "pay_url", "%s/p/%s", f->origin, token);
    json_object_set_new(doc, "owner", s->owner.p == NULL || s->owner.n == 0 ? json_null() : json_stringn(s->owner.p, s->owner.n));
    api_set_time(doc, "created_at", true, s->created_us);
    api_set_time(doc, "closed_at", s->closed, s->closed_us);
    return doc;
}

/* --- the list --- */

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_stall *s = (const struct flow_stall *)rows + i;

    key[1] = s->id;
    return desk_stall_doc(rq->app, s);
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_stall *stalls;
    char id[ENC_ID_SIZE];
    size_t n, first = 0;
    json_t *more;
    int rc = flow_stall_read(t, &stalls, &n);

    if (rc < 0)
        return rc;
    more = json_object();
    for (; first < n && stalls[first].id == 0; first++) {
        if (stalls[first].owner_id == 0)
            continue;
        enc_id(id, "usr", stalls[first].owner_id);
        desk_choice(rq, more, "owner", id, json_stringn(stalls[first].owner.p, stalls[first].owner.n));
    }
    desk_banks(rq, more);
    if (desk_is_page(rq))
        json_object_set_new(more, "manages", json_boolean(first > 0));
    return desk_list_reply(rq, "stalls.html", more, stalls + first, n - first, list_row);
}

int desk_stalls(struct req *rq)
{
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    return flow_stall_list(&rq->task, rq->app, list->token_hash, list->after_b, list->limit, desk_is_page(rq), list_done);
}

/* --- a new one --- */

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_stall *stall;
    size_t n;
    int rc = flow_stall_read(t, &stall, &n);

    if (rc == RC_CONFLICT && n == 1 && slice_is(stall->what, "name"))
        return desk_refuse(rq, "/name", "conflict", "There is a stall of this name already.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, "/account_no", "conflict", "This account is the organisation's own, or is registered for another one.");
    if (rc == RC_TOO_LARGE)
        return desk_refuse(rq, NULL, "conflict", "This organisation has 9,999 accounts; its books have no number for another one.");
    if (rc < 0)
        return rc;
    return n == 1 ? desk_done(rq, 201, desk_stall_doc(rq->app, stall), "said.stall", "/desk/stalls") : RC_INTERNAL;
}

int desk_stalls_create(struct req *rq)
{
    struct flow_stall_spec spec = { 0 };
    struct api_in in;
    int rc = desk_begin(rq, &spec.token_hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_stalls);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", STALL_MEMBERS);
    api_in_free_text(&in, NULL, "/name", 1, 60, &spec.name);
    api_in_free_text(&in, NULL, "/place", 0, 80, &spec.place);
    desk_in_account(&in, &spec.bin, &spec.account_no, &spec.holder);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_stall_create(&rq->task, rq->app, &spec, create_done);
}

/* --- whose it is --- */

static int assign_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_stall *stall;
    size_t n;
    int rc = flow_stall_read(t, &stall, &n);

    if (rc < 0)
        return rc;
    return n == 1 ? desk_done(rq, 200, desk_stall_doc(rq->app, stall), "said.stall_given", "/desk/stalls") : RC_INTERNAL;
}

int desk_stall_assign(struct req *rq)
{
    struct slice hash, owner;
    int64_t id, owner_id = 0;
    struct api_in in;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_stalls);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "stl", &id) < 0)
        return RC_NOT_FOUND;
    api_in_known(&in, in.root, "", OWNER_MEMBERS);
    api_in_text(&in, NULL, "/owner", 1, 64, &owner);
    if (owner.p != NULL && dec_id(owner, "usr", &owner_id) < 0 && dec_id(owner, "tok", &owner_id) < 0)
        api_in_fault(&in, "/owner", "id", "This is not the id of such a thing.");
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_stall_assign(&rq->task, rq->app, hash, id, owner_id, assign_done);
}

static int close_done(struct task *t)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    return db_i64(r, 0, 0) < 0 ? (int)db_i64(r, 0, 0) : desk_done(req_of(t), 204, NULL, "said.stall_closed", "/desk/stalls");
}

int desk_stall_close(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_stalls);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "stl", &id) < 0)
        return RC_NOT_FOUND;
    return flow_stall_close(&rq->task, rq->app, hash, id, close_done);
}

/* --- the poster: for the seller of the stall too --- */

int desk_stall_poster(struct req *rq)
{
    static const char *const SIZES[] = { "a5", "a6", NULL };
    struct flow_job_submit job = { .kind = SLICE("stall_poster"), .format = SLICE("") };
    struct slice size;
    int64_t id;
    char *params;
    int rc = desk_begin(rq, &job.token_hash);

    if (rc == RC_OK)
        rc = api_query_choice(rq, "size", SIZES, &size);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "stl", &id) < 0)
        return RC_NOT_FOUND;
    params = arena_printf(rq->task.arena, "{\"stall\":%lld,\"size\":\"%s\"}", (long long)id, slice_is(size, "a6") ? "a6" : "a5");
    if (params == NULL)
        return RC_NOMEM;
    job.params = slice_of(params);
    return api_job_small(rq, &job);
}
