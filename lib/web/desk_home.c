/* The landing page: what waits for whoever signed in, a tile each, and where to go for it. */
#include "khop/base/enc.h"
#include "khop/flow/home.h"
#include "khop/web/desk.h"

#include <stdio.h>

#include "khop/base/banned.h"

/* Where a tile leads, with its id where it has one ("%s"); how it looks when there is something, and when there is not. */
static const struct tile {
    const char *name, *prefix, *url, *some, *none;
} TILES[] = {
    { "money_in", NULL, "/desk/reports", "good", "" },
    { "exceptions", NULL, "/desk/exceptions?state=open", "warn", "good" },
    { "agree", NULL, "/desk/exceptions?state=proposed", "warn", "" },
    { "close", NULL, "/desk/days", "warn", "good" },
    { "rounds", NULL, "/desk/rounds?state=proposed", "warn", "" },
    { "round", "rnd", "/desk/rounds/%s", "", "" },
    { "jobs", "job", "/desk/jobs/%s", "", "" },
    { "stall", "stl", "/desk/stalls/%s", "good", "" },
    { "payout_drafts", NULL, "/desk/payouts", "warn", "" },
    { "payout_submitted", NULL, "/desk/payouts", "warn", "" },
    { "payout_open", NULL, "/desk/payouts", "", "" },
    { "accounts", NULL, "/desk/accounts", "stop", "good" },
};

static const struct tile *tile_of(struct slice name)
{
    for (size_t i = 0; i < sizeof TILES / sizeof TILES[0]; i++) {
        if (slice_is(name, TILES[i].name))
            return &TILES[i];
    }
    return NULL;
}

static void set_number(json_t *doc, const char *name, bool has, int64_t value)
{
    json_object_set_new(doc, name, has ? json_integer(value) : json_null());
}

static json_t *tile_doc(struct req *rq, const struct flow_tile *t)
{
    const struct tile *tile = tile_of(t->tile);
    char id[ENC_ID_SIZE] = "";
    json_t *doc;

    if (tile == NULL)
        return NULL;
    doc = json_object();
    api_set_slice(doc, "tile", t->tile);
    api_set_slice(doc, "label", t->label);
    api_set_id(doc, "id", tile->prefix, t->id);
    set_number(doc, "n", t->has_n, t->n);
    set_number(doc, "amount", t->has_amount, t->amount);
    set_number(doc, "done", t->has_total, t->done);
    set_number(doc, "total", t->has_total, t->total);
    set_number(doc, "paid", t->has_paid, t->paid);
    api_set_time(doc, "since", t->has_since, t->since_us);
    api_set_date(doc, "day", t->has_day, t->day);
    if (!desk_is_page(rq))
        return doc;
    if (tile->prefix != NULL) {
        enc_id(id, tile->prefix, t->id);
        json_object_set_new(doc, "url", json_sprintf("%.*s%s", (int)(strlen(tile->url) - 2), tile->url, id));
    } else {
        json_object_set_new(doc, "url", json_string(tile->url));
    }
    json_object_set_new(doc, "tone", json_string(t->n > 0 || !t->has_n ? tile->some : tile->none));
    json_object_set_new(doc, "issuing", json_boolean(t->has_paid && t->done < t->total));
    json_object_set_new(doc, "nothing", json_boolean(t->has_n && t->n <= 0));
    return doc;
}

static int home_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_tile *tiles;
    json_t *doc, *list;
    size_t n;
    int rc = flow_home_read(t, &tiles, &n);

    if (rc < 0)
        return rc;
    doc = json_object();
    list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *tile = tile_doc(rq, &tiles[i]);

        if (tile != NULL)
            json_array_append_new(list, tile);
        if (desk_is_page(rq) && slice_is(tiles[i].tile, "accounts") && tiles[i].total == 0)
            json_object_set_new(doc, "begin", json_true());
    }
    json_object_set_new(doc, "tiles", list);
    return desk_reply(rq, 200, "desk.html", doc);
}

int desk_home(struct req *rq)
{
    struct slice hash;
    int rc = desk_begin(rq, &hash);

    return rc != RC_OK ? desk_over(rc) : flow_home(&rq->task, rq->app, hash, home_done);
}
