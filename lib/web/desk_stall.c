/* A stall as its seller sees it: the keypad, the code of a sale, what came in, the book. */
#include "desk_stalls.h"

#include "handlers.h"
#include "khop/api/query.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/settle.h"
#include "khop/flow/watch.h"
#include "khop/pay/code.h"
#include "khop/print/table.h"
#include "khop/web/desk.h"
#include "khop/web/voice.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define FEED_MAX     50
#define LOOKED_AT_MAX 200 /* payments among which those that belong together are found */
#define ASK_AGE_MAX  (7 * 86400)
#define SALE_MAX     INT64_C(499999999) /* what one instant transfer may carry (product.md §3.1) */
#define BOOK_MAX     (8 * 1024 * 1024)
#define BOOK_DAYS    366
#define WATCHED_MAX  8

static const char *const SALE_MEMBERS[] = { "amount", NULL };
static const char *const ASKED_MEMBERS[] = { "asks", NULL };
static const char *const ASK_MEMBERS[] = { "tag", "amount", "age_s", "dropped", NULL };

static int stall_of(struct req *rq, struct slice *hash, int64_t *id)
{
    int rc = desk_begin(rq, hash);

    if (rc != RC_OK)
        return rc;
    return dec_id(rq->params[0], "stl", id) < 0 ? RC_NOT_FOUND : RC_OK;
}

/* --- the page --- */

/* Whether it was what had been asked; "free" where nothing was, "other" for money without a code of the stall. */
static const char *state_of(const struct flow_takings *t)
{
    if (!t->has_asked && t->outcome == SETTLE_SETTLED)
        return "free";
    if (!t->has_asked || (t->tag.n == 0 && t->outcome > SETTLE_OVER))
        return "other";
    return t->before + t->amount < t->asked ? "short" : t->before + t->amount > t->asked ? "over" : "full";
}

static json_t *takings_doc(const struct flow_takings *t)
{
    int64_t rest = t->asked - t->before - t->amount;
    json_t *doc = json_object();
    char code[CODE_SIZE];

    json_object_set_new(doc, "seq", json_integer(t->seq));
    json_object_set_new(doc, "amount", json_integer(t->amount));
    json_object_set_new(doc, "asked", t->has_asked ? json_integer(t->asked) : json_null());
    json_object_set_new(doc, "missing", t->has_asked && rest > 0 ? json_integer(rest) : json_null());
    json_object_set_new(doc, "surplus", t->has_asked && rest < 0 ? json_integer(-rest) : json_null());
    json_object_set_new(doc, "tag", t->tag.n > 0 ? json_stringn(t->tag.p, t->tag.n) : json_null());
    json_object_set_new(doc, "guess", json_boolean(t->guess));
    json_object_set_new(doc, "made_up", json_boolean(t->made_up));
    if (t->code_no != 0)
        code_text(code, t->code_no);
    json_object_set_new(doc, "code", t->code_no != 0 ? json_string(code) : json_null());
    json_object_set_new(doc, "state", json_string(state_of(t)));
    api_set_time(doc, "paid_at", true, t->paid_us);
    return doc;
}

static json_t *page_doc(const struct flow *f, const struct flow_stall_page *p)
{
    const struct flow_code code = { .code_no = p->stall.code_no, .bin = p->stall.bin, .account_no = p->stall.account_no };
    json_t *doc = desk_stall_doc(f, &p->stall), *today = json_object(), *year = json_object(), *items = json_array();
    char payload[VIETQR_ENCODED_MAX];

    json_object_set_new(doc, "payload", api_code_payload(&code, payload) == RC_OK ? json_string(payload) : json_null());
    api_set_date(today, "date", true, clock_day(clock_wall_us(), CLOCK_VN_OFFSET_S));
    json_object_set_new(today, "count", json_integer(p->today_count));
    json_object_set_new(today, "amount", json_integer(p->today));
    json_object_set_new(doc, "today", today);
    json_object_set_new(year, "amount", json_integer(p->year));
    json_object_set_new(year, "threshold", p->has_threshold ? json_integer(p->threshold) : json_null());
    api_set_date(year, "threshold_from", p->has_threshold, p->threshold_from);
    api_set_slice(year, "threshold_source", p->threshold_source);
    json_object_set_new(year, "left", p->has_threshold && p->year < p->threshold ? json_integer(p->threshold - p->year) : json_null());
    json_object_set_new(doc, "year", year);
    for (size_t i = 0; i < p->n && i < FEED_MAX; i++)
        json_array_append_new(items, takings_doc(&p->takings[i]));
    json_object_set_new(doc, "items", items);
    json_object_set_new(doc, "last", json_integer(p->last));
    return doc;
}

static int page_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_stall_page page;
    const char *voice = desk_is_page(rq) ? web_voice_url(desk_language(rq)) : NULL;
    int rc = flow_stall_page_read(t, &page);
    json_t *doc;

    if (rc < 0)
        return rc;
    doc = page_doc(rq->app, &page);
    if (voice != NULL)
        json_object_set_new(doc, "voice", json_string(voice));
    return desk_reply(rq, 200, "stall.html", doc);
}

int desk_stall(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = stall_of(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_stall_page(&rq->task, rq->app, hash, id, 0, LOOKED_AT_MAX, page_done);
}

/* --- a sale --- */

static json_t *sale_doc(struct req *rq, const struct flow_code *c)
{
    json_t *doc = api_doc_code(rq->app, c);
    char token[TOKEN_SIZE], mark[WEB_MARK_SIZE];

    if (doc == NULL || !desk_is_page(rq))
        return doc;
    api_token_text(enc_id_bucket(c->id), c->pay_token, token);
    web_receipt_mark(c->nreceipts > 0 ? c->receipts[c->nreceipts - 1].rid : (struct slice){ 0 }, mark);
    json_object_set_new(doc, "mark", json_string(mark));
    api_set_url(doc, "events_url", "/p/%s/events", token);
    api_set_url(doc, "json_url", "/p/%s.json", token);
    json_object_set_new(doc, "missing", json_integer(c->amount - c->paid));
    json_object_set_new(doc, "surplus", json_integer(c->paid - c->amount));
    json_object_set_new(doc, "stall", json_stringn(rq->params[0].p, rq->params[0].n));
    json_object_set_new(doc, "state", json_string(c->paid == 0 ? "unpaid" : c->paid < c->amount ? "short" : c->paid > c->amount ? "over" : "full"));
    return doc;
}

static int sale_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code code;
    char id[ENC_ID_SIZE];
    int rc = flow_code_read(t, &code);

    if (rc == RC_CONFLICT)
        return desk_refuse_key(rq);
    if (rc < 0)
        return rc;
    if (code.repeated)
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    enc_id(id, "cod", code.id);
    return desk_done(rq, 201, api_doc_code(rq->app, &code), NULL, "/desk/stalls/%.*s/sales/%s", SLICE_FMT(rq->params[0]), id);
}

int desk_stall_sale(struct req *rq)
{
    struct slice hash, key;
    struct api_in in;
    int64_t id, amount;
    bool has;
    int rc = stall_of(rq, &hash, &id);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_stall);
    if (rc == RC_OK)
        rc = desk_in_key(&in, &key);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", SALE_MEMBERS);
    api_in_int(&in, NULL, "/amount", 1, SALE_MAX, &has, &amount);
    if (!has && in.nerrors == 0)
        api_in_fault(&in, "/amount", "required", "This member is needed.");
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_stall_sale(&rq->task, rq->app, hash, id, key, amount, sale_done);
}

static int sale_shown(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    return rc < 0 ? rc : desk_reply(rq, 200, "sale.html", sale_doc(rq, &code));
}

int desk_stall_sale_show(struct req *rq)
{
    struct slice hash;
    int64_t id, charge_id;
    int rc = stall_of(rq, &hash, &id);

    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[1], "cod", &charge_id) < 0)
        return RC_NOT_FOUND;
    return flow_stall_sale_get(&rq->task, rq->app, hash, id, charge_id, sale_shown);
}

/* --- what the page asked for, with codes that it made itself --- */

static bool is_tag(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || strchr("23456789ABCDEFGHJKMNPQRTUVWXYZ", s.p[i]) == NULL)
            return false;
    }
    return s.n == FLOW_TAG_SIZE;
}

static void read_ask(struct api_in *in, size_t i, struct flow_ask *out)
{
    json_t *ask = api_in_element(in, "/asks", i);
    char tag[64], amount[64], age[64], dropped[64], at[64];
    int64_t seconds = 0;
    bool has;

    snprintf(at, sizeof at, "/asks/%zu", i);
    snprintf(tag, sizeof tag, "/asks/%zu/tag", i);
    snprintf(amount, sizeof amount, "/asks/%zu/amount", i);
    snprintf(age, sizeof age, "/asks/%zu/age_s", i);
    snprintf(dropped, sizeof dropped, "/asks/%zu/dropped", i);
    api_in_known(in, ask, at, ASK_MEMBERS);
    api_in_text(in, ask, tag, FLOW_TAG_SIZE, FLOW_TAG_SIZE, &out->tag);
    if (out->tag.p != NULL && !is_tag(out->tag))
        api_in_fault(in, tag, "format", "This must be five letters and digits of those that codes are made of, without S.");
    api_in_int(in, ask, amount, 1, SALE_MAX, &has, &out->amount);
    if (!has && in->nerrors == 0)
        api_in_fault(in, amount, "required", "This member is needed.");
    api_in_int(in, ask, age, 0, ASK_AGE_MAX, &has, &seconds);
    out->age_s = (int32_t)seconds;
    api_in_bool(in, ask, dropped, &out->dropped);
}

static int asked_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);
    int rc = db_rows_count(r) < 1 ? RC_INTERNAL : (int)db_i64(r, 0, 0);

    return rc < 0 ? rc : desk_done(rq, 204, NULL, NULL, "/desk/stalls/%.*s", SLICE_FMT(rq->params[0]));
}

int desk_stall_asked(struct req *rq)
{
    struct flow_ask *asks;
    struct slice hash;
    struct api_in in;
    int64_t id;
    size_t n;
    int rc = stall_of(rq, &hash, &id);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_stall);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", ASKED_MEMBERS);
    n = api_in_array(&in, "/asks", FLOW_ASKS_MAX);
    asks = arena_array(rq->task.arena, n + 1, sizeof *asks);
    if (asks == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++)
        read_ask(&in, i, &asks[i]);
    if (n == 0 && in.nerrors == 0)
        api_in_fault(&in, "/asks", "required", "This member is needed.");
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_stall_asked(&rq->task, rq->app, hash, id, asks, n, asked_done);
}

/* --- live: a nudge when the permanent code or a sale of the page (?sale=…) was paid; what it was the page asks --- */

struct live {
    struct flow_watcher watchers[WATCHED_MAX];
    size_t n;
    struct flow *f;
    struct sse *stream;
};

static void live_end(struct live *live)
{
    for (size_t i = 0; i < live->n; i++)
        flow_watch_remove(live->f->watch, &live->watchers[i]);
    live->n = 0;
}

static void live_closed(struct sse *s, void *arg)
{
    (void)s;
    live_end(arg);
}

static void live_changed(struct flow_watcher *w, const struct flow_watch_state *state)
{
    struct live *live = w->arg;

    (void)state; /* the first look is told, too: something may have come between the page and the stream */
    (void)!sse_send(live->stream, "came", SLICE("{}"));
}

static int live_watch(struct live *live, int64_t charge_id)
{
    struct flow_watcher *w = &live->watchers[live->n];
    int rc;

    *w = (struct flow_watcher){ .bucket = enc_id_bucket(charge_id), .charge_id = charge_id, .changed = live_changed, .arg = live };
    rc = flow_watch_add(live->f->watch, w);
    live->n += rc == RC_OK;
    return rc;
}

static int events_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_stall_page page;
    struct slice rest = rq->query;
    struct live *live;
    int rc = flow_stall_page_read(t, &page);

    if (rc < 0)
        return rc;
    live = task_state(t, sizeof *live);
    if (live == NULL)
        return RC_NOMEM;
    live->f = rq->app;
    rc = live_watch(live, page.stall.charge_id);
    while (rc == RC_OK && rest.n > 0 && live->n < WATCHED_MAX) {
        struct slice pair = slice_cut(&rest, '&');
        int64_t id;

        if (slice_starts(pair, SLICE("sale=")) && dec_id(slice_sub(pair, 5, pair.n), "cod", &id) == RC_OK &&
            enc_id_bucket(id) == enc_id_bucket(page.stall.id))
            rc = live_watch(live, id);
    }
    if (rc == RC_OK) {
        live->stream = sse_begin(rq, live_closed, live);
        if (live->stream != NULL)
            return RC_OK;
    }
    live_end(live);
    return rc;
}

int desk_stall_events(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = stall_of(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_stall_page(&rq->task, rq->app, hash, id, INT64_MAX - 1, 1, events_done);
}

/* --- the book --- */

static const struct table_column BOOK_COLUMNS[] = {
    { "Thời gian", TABLE_TIME }, { "Ngày ghi sổ", TABLE_DATE }, { "Số tiền", TABLE_MONEY }, { "Số tiền cần thu", TABLE_MONEY }, { "Mã", TABLE_CODE },
    { "Số tham chiếu", TABLE_TEXT },
};

struct book {
    struct slice hash;
    int64_t id;
    int32_t from, to;
    struct buf out;
    struct table_out *table;
};

static void book_end(void *arg)
{
    struct book *b = arg;

    table_free(b->table);
    buf_release(&b->out);
}

static int book_row(struct book *b, const struct flow_sale *s)
{
    char code[CODE_SIZE] = "";
    struct table_cell cells[6] = {
        { .set = s->paid_us != 0, .number = s->paid_us },
        { .set = true, .number = s->booked_on },
        { .set = true, .number = s->amount },
        { .set = s->has_asked, .number = s->asked },
        { .set = s->code_no != 0 },
        { .set = s->reference.n > 0, .text = s->reference },
    };

    if (s->code_no != 0) {
        code_text(code, s->code_no);
        cells[4].text = slice_of(code);
    }
    return table_row(b->table, cells);
}

static int book_piece(struct task *t)
{
    struct req *rq = req_of(t);
    struct book *b = t->state;
    struct flow_sale *sales;
    struct slice name;
    int64_t after;
    bool more, unfinished = true;
    size_t n;
    int rc = flow_stall_sales_read(t, &name, &sales, &n, &more, &after);

    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = book_row(b, &sales[i]);
    if (rc < 0)
        return rc;
    if (more)
        return flow_stall_sales(t, rq->app, b->hash, b->id, b->from, b->to, after, book_piece);
    while (rc == RC_OK && unfinished)
        rc = table_end(b->table, &unfinished);
    if (rc < 0)
        return rc;
    reply_header(rq, "Content-Disposition", SLICE("attachment; filename=\"so-ban-hang.csv\""));
    return reply(rq, 200, table_format_type(TABLE_CSV), buf_slice(&b->out));
}

/* Of this month unless ?from= and ?to= say otherwise. */
int desk_stall_book(struct req *rq)
{
    static const struct table_head HEAD = { .title = "Sổ bán hàng", .columns = BOOK_COLUMNS, .column_count = 6 };
    struct book *b = task_state(&rq->task, sizeof *b);
    struct table_head head = HEAD;
    int64_t now = clock_wall_us();
    struct civil c = clock_civil(now, CLOCK_VN_OFFSET_S);
    int32_t today = clock_day(now, CLOCK_VN_OFFSET_S);
    bool given;
    int rc;

    if (b == NULL)
        return RC_NOMEM;
    rc = stall_of(rq, &b->hash, &b->id);
    if (rc != RC_OK)
        return desk_over(rc);
    b->from = today - c.day + 1;
    b->to = today;
    rc = api_query_date(rq, "from", &given, &b->from);
    if (rc == RC_OK)
        rc = api_query_date(rq, "to", &given, &b->to);
    if (rc == RC_OK && (b->to < b->from || b->to - b->from > BOOK_DAYS))
        rc = api_query_wrong(rq, "to", "range", "This must be a day not before the first, at most a year after it.");
    if (rc < 0)
        return rc;
    head.made_us = now;
    buf_init(&b->out, BOOK_MAX);
    rc = arena_defer(rq->task.arena, book_end, b);
    if (rc == RC_OK)
        rc = table_open(&b->table, TABLE_CSV, &head, NULL, print_sink_buf(&b->out));
    return rc < 0 ? rc : flow_stall_sales(&rq->task, rq->app, b->hash, b->id, b->from, b->to, 0, book_piece);
}
