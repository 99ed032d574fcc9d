/* Closing a day: what it comes to, what stands in the way, and the two people for opening it again. */
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/exception.h"
#include "khop/web/books.h"
#include "khop/web/desk.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define REASON_MAX 200

struct day {
    struct slice token_hash;
    int32_t day;
    const char *said; /* something was done: its message */
};

static json_t *load(struct slice text)
{
    return text.p == NULL ? json_null() : json_loadb(text.p, text.n, 0, NULL);
}

/* The sealed figures with public ids. */
static json_t *sheet_doc(struct slice text)
{
    json_t *sheet = load(text), *item;
    size_t i;

    json_array_foreach (json_object_get(json_object_get(sheet, "open"), "items"), i, item)
        api_set_id(item, "id", "exc", json_integer_value(json_object_get(item, "id")));
    json_object_del(sheet, "actor");
    json_object_del(sheet, "requested_by");
    return sheet;
}

/* For the page: each kind of fault once, in words. What the books say of themselves is for whoever runs the server. */
static json_t *blockers(const json_t *faults)
{
    json_t *list = json_array(), *fault, *before;
    size_t i, k;

    json_array_foreach(faults, i, fault) {
        const char *name = json_string_value(json_object_get(fault, "name"));
        bool hard = json_is_true(json_object_get(fault, "hard")), seen = false;

        if (hard && strcmp(name, "allocation_pending") != 0)
            name = "books";
        json_array_foreach(list, k, before)
            seen = seen || strcmp(json_string_value(json_object_get(before, "blocker")), name) == 0;
        if (!seen)
            json_array_append_new(list, json_pack("{s:s}", "blocker", name));
    }
    return list;
}

static json_t *day_doc(struct req *rq, const struct flow_day *d)
{
    bool open = slice_is(d->state, "open"), closed = slice_is(d->state, "closed"), asked = slice_starts(d->state, SLICE("asked_"));
    json_t *faults = d->faults.p == NULL ? json_array() : load(d->faults), *fault, *doc = json_object();
    size_t i, hard = 0;
    struct buf seal;

    json_array_foreach (faults, i, fault)
        hard += json_is_true(json_object_get(fault, "hard"));
    api_set_date(doc, "day", true, d->day);
    api_set_slice(doc, "state", d->state);
    json_object_set_new(doc, "version", json_integer(d->version));
    api_set_date(doc, "from_day", d->has_from, d->from_day);
    api_set_date(doc, "open_day", true, d->open_day);
    buf_init_arena(&seal, rq->task.arena, 80);
    enc_hex(&seal, d->seal.p, d->seal.n);
    json_object_set_new(doc, "seal", d->seal.p == NULL ? json_null() : json_stringn(seal.p, seal.n));
    /* The very text: its hash behind the seal before it is the seal. */
    json_object_set_new(doc, "sealed_text", d->seal.p == NULL ? json_null() : json_stringn(d->sheet.p, d->sheet.n));
    json_object_set_new(doc, "sheet", sheet_doc(d->sheet));
    json_object_set_new(doc, "may", json_pack("{s:b, s:b, s:b, s:b, s:b}", "close", open && json_array_size(faults) == 0, "override",
                                              open && hard == 0 && json_array_size(faults) > 0, "reopen", closed && d->day == d->open_day - 1, "decide",
                                              asked && !d->own, "withdraw", asked && d->own));
    if (desk_is_page(rq)) /* there "faults" are those of a form */
        json_object_set_new(doc, "blockers", blockers(faults));
    else
        json_object_set(doc, "faults", faults);
    json_decref(faults);
    json_object_set_new(doc, "steps", load(d->steps));
    return doc;
}

static int show_done(struct task *t)
{
    const struct day *day = t->state;
    struct req *rq = req_of(t);
    struct flow_day d;
    int rc = flow_day_read(t, &d);

    if (rc < 0)
        return rc;
    if (day->said != NULL)
        return desk_done(rq, 200, day_doc(rq, &d), day->said, "/desk/days/%.*s/close", SLICE_FMT(rq->params[0]));
    return desk_reply(rq, 200, "day_close.html", day_doc(rq, &d));
}

static int begin(struct req *rq, struct day **out)
{
    struct day *day = task_state(&rq->task, sizeof *day);
    int rc;

    if (day == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &day->token_hash);
    *out = day;
    return rc != RC_OK ? rc : clock_parse_date(rq->params[0], &day->day) < 0 ? RC_NOT_FOUND : RC_OK;
}

int desk_day_close(struct req *rq)
{
    struct day *day;
    int rc = begin(rq, &day);

    return rc != RC_OK ? desk_over(rc) : flow_day_show(&rq->task, rq->app, day->token_hash, day->day, show_done);
}

static const struct {
    const char *why, *detail;
} REFUSALS[] = {
    { "closed", "This day is closed." },
    { "future", "This day has not come yet." },
    { "last", "Only the day that was closed last can be opened again." },
    { "blocked", "Something stands in the way of closing this day that cannot be passed over: see the list." },
    { "over", "Something stands in the way of closing this day: see the list. A second person may agree to pass over it." },
    { "done", "Something was done about this already, or is about to be: look at it again." },
    { "person", "Somebody else has to agree: nobody agrees to his own request." },
    { "reason", "Say why, in a few words." },
};

static int act_done(struct task *t)
{
    struct day *day = t->state;
    struct req *rq = req_of(t);
    struct slice why;
    int rc = flow_exception_done(t, &why);

    for (size_t i = 0; rc < 0 && i < sizeof REFUSALS / sizeof REFUSALS[0]; i++)
        if (slice_is(why, REFUSALS[i].why))
            return slice_is(why, "reason") ? desk_refuse(rq, "/reason", "required", REFUSALS[i].detail)
                                           : desk_refuse(rq, NULL, rc == RC_FORBIDDEN ? "forbidden" : "conflict", REFUSALS[i].detail);
    if (rc < 0)
        return rc;
    if (slice_is(why, "asked"))
        day->said = "said.day_asked";
    return flow_day_show(t, rq->app, day->token_hash, day->day, show_done);
}

static int act(struct req *rq, const char *action, const char *said)
{
    static const char *const MEMBERS[] = { "reason", "override", NULL };
    struct slice reason;
    struct day *day;
    struct api_in in;
    bool override;
    int rc = begin(rq, &day);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_day_close);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", MEMBERS);
    api_in_free_text(&in, NULL, "/reason", 0, REASON_MAX, &reason);
    api_in_bool(&in, NULL, "/override", &override);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    day->said = said;
    return flow_day_act(&rq->task, rq->app, day->token_hash, day->day, slice_of(action), override, reason, act_done);
}

int desk_day_do_close(struct req *rq)
{
    return act(rq, "close", "said.day_closed");
}

int desk_day_reopen(struct req *rq)
{
    return act(rq, "reopen", "said.day_asked");
}

int desk_day_approve(struct req *rq)
{
    return act(rq, "agree", "said.day_agreed");
}

int desk_day_refuse(struct req *rq)
{
    return act(rq, "refuse", "said.day_refused");
}
