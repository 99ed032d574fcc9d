/* Taking something in: JSON under /api/, a form elsewhere; a form that is not right is shown again. */
#include "desk_private.h"

#include "form.h"
#include "khop/auth/session.h"
#include "khop/web/locale.h"
#include "khop/web/web.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define KEY_MAX 255

/* --- is it ours that sent the form (security.md §4) --- */

static bool token_right(const struct req *rq)
{
    const json_t *sent = json_object_get(rq->desk->values, "csrf");

    return json_is_string(sent) && auth_csrf_check(rq, rq->desk->token_hash, DESK_FORM,
                                                   (struct slice){ json_string_value(sent), json_string_length(sent) }) == RC_OK;
}

/* --- faults --- */

/* What the readers of api/json.h say to programs, for people. */
static const struct {
    const char *detail, *text;
} WORDS[] = {
    { "This member is needed.", "fault.required" },
    { "This text is too short or too long.", "fault.length" },
    { "This must be a whole number, without quotes, point or exponent.", "fault.number" },
    { "This number is outside what is allowed.", "fault.range" },
    { "This must be a date such as 2026-11-30.", "fault.date" },
    { "This is not the id of such a thing.", "fault.id" },
    { "There is a member here that is not known.", "fault.unknown" },
};

static json_t *fault_words(const struct desk *d, const char *detail)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i].detail, detail) == 0)
            return json_string(locale_get(locale_language(d->lang), WORDS[i].text));
    }
    return json_string(api_detail_in(d->lang, detail));
}

static int fault_add(struct req *rq, const char *pointer, const char *detail)
{
    struct desk *d = rq->desk;

    if (d->faults == NULL) {
        json_t *faults = json_array();
        int rc = desk_keep(rq, faults);

        if (rc < 0)
            return rc;
        d->faults = faults;
    }
    return json_array_append_new(d->faults, json_pack("{s:s, s:o}", "pointer", pointer, "detail", fault_words(d, detail))) < 0
               ? RC_NOMEM
               : RC_OK;
}

/* The page that holds the form, once more. */
static int form_again(struct req *rq, int status)
{
    struct desk *d = rq->desk;

    if (d->again || d->form == NULL)
        return RC_INTERNAL;
    d->again = true;
    d->again_status = status;
    return d->form(rq);
}

int desk_refuse_as(struct req *rq, int status, const char *pointer, const char *code, const char *detail)
{
    struct desk *d = rq->desk;
    int rc;

    if (d == NULL || !d->page || d->form == NULL) {
        struct api_error e = { .code = code, .detail = detail };

        if (pointer == NULL)
            return api_problem(rq, code, detail);
        snprintf(e.pointer, sizeof e.pointer, "%s", pointer);
        return api_problem_invalid(rq, &e, 1);
    }
    rc = fault_add(rq, pointer == NULL ? "" : pointer, detail);
    return rc < 0 ? rc : form_again(rq, status);
}

int desk_refuse(struct req *rq, const char *pointer, const char *code, const char *detail)
{
    return desk_refuse_as(rq, pointer == NULL ? 409 : 422, pointer, code, detail);
}

/* The form that is shown again has a new key: sent once more it is a thing of its own. */
int desk_refuse_key(struct req *rq)
{
    struct desk *d = rq->desk;

    if (d == NULL || !d->page)
        return api_problem(rq, "idempotency_key_reused", "Use a new key for a new request.");
    json_object_del(d->values, "once");
    return desk_refuse(rq, NULL, "idempotency_key_reused", "This form was sent before, with other values. If this is meant too, send it again.");
}

/* --- reading --- */

/* A form of ours: its fields are in d->values. RC_OK, 1 when it was refused. */
static int form_accept(struct req *rq, struct desk *d)
{
    int rc;

    if (!req_content_is(rq, "application/x-www-form-urlencoded")) {
        api_problem(rq, "unsupported_media_type", NULL);
        return 1;
    }
    rc = form_values(rq->task.arena, rq->body, &d->values);
    if (rc < 0)
        return rc;
    rc = desk_keep(rq, d->values);
    if (rc < 0)
        return rc;
    if (!auth_from_ours(rq)) {
        web_fail_status(rq, 403);
        return 1;
    }
    if (!token_right(rq)) {
        rc = desk_refuse(rq, NULL, "forbidden", "This form was opened in another session; look at it once more and send it again.");
        return rc < 0 ? rc : 1;
    }
    return RC_OK;
}

static bool is_api(const struct req *rq)
{
    return slice_starts(rq->path, SLICE("/api/"));
}

int desk_act_begin(struct req *rq, int (*form)(struct req *))
{
    struct desk *d;
    int rc = desk_open(rq, &d);

    if (rc < 0 || is_api(rq))
        return rc;
    d->form = form;
    return form_accept(rq, d);
}

int desk_in_begin(struct api_in *in, struct req *rq, int (*form)(struct req *))
{
    struct desk *d;
    int rc = desk_open(rq, &d);

    if (rc < 0)
        return rc;
    d->form = form;
    *in = (struct api_in){ .rq = rq };
    if (is_api(rq))
        return api_in_begin(in, rq);
    rc = form_accept(rq, d);
    if (rc != RC_OK)
        return rc;
    in->form = true;
    in->root = form_members(d->values);
    return desk_keep(rq, in->root);
}

int desk_in_maybe(struct api_in *in, struct req *rq, int (*form)(struct req *))
{
    struct desk *d;
    int rc;

    if (!slice_starts(rq->path, SLICE("/api/")) || rq->body.n > 0)
        return desk_in_begin(in, rq, form);
    rc = desk_open(rq, &d);
    if (rc < 0)
        return rc;
    *in = (struct api_in){ .rq = rq, .root = json_object() };
    return desk_keep(rq, in->root);
}

int desk_in_key(struct api_in *in, struct slice *key)
{
    struct req *rq = in->rq;
    const json_t *once = json_object_get(rq->desk->values, "once");

    *key = req_header(rq, "idempotency-key");
    if (in->form)
        *key = (struct slice){ json_string_value(once), json_string_length(once) };
    if (key->n > 0 && key->n <= KEY_MAX && req_header_count(rq, "idempotency-key") <= 1)
        return RC_OK;
    api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new code.");
    return 1;
}

int desk_in_end(struct api_in *in)
{
    struct req *rq = in->rq;
    struct desk *d = rq->desk;
    int rc = RC_OK;

    if (in->nerrors == 0)
        return RC_OK;
    if (!d->page || d->form == NULL) {
        rc = api_problem_invalid(rq, in->errors, in->nerrors);
        return rc < 0 ? rc : 1;
    }
    for (size_t i = 0; i < in->nerrors && rc == RC_OK; i++)
        rc = fault_add(rq, in->errors[i].pointer, in->errors[i].detail);
    if (rc == RC_OK)
        rc = form_again(rq, 422);
    return rc < 0 ? rc : 1;
}
