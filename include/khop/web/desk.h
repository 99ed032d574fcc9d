/* Signed-in pages, and the API calls that are the same thing: one handler, one JSON document, two faces.
 *
 * A resource is routed twice (lib/app/routes.c), with the same functions:
 *
 *     BOTH_GET("/stalls", desk_stalls),            of /api/v1/stalls and of /desk/stalls
 *     BOTH_POST("/stalls", desk_stalls_create),
 *
 * Under /api/ the caller is a bearer token, bodies and answers are JSON. Everywhere else it is the session of a browser:
 * bodies are forms, answers are pages, and with `Accept: application/json` the same document. A handler does not ask which.
 *
 * 1. Showing something: two functions, and a template.
 *
 *     static int show_done(struct task *t)
 *     {
 *         struct stall *s;
 *         int rc = flow_stall_read(t, &s);
 *
 *         return rc < 0 ? rc : desk_reply(req_of(t), 200, "stall.html", stall_doc(s));
 *     }
 *
 *     int desk_stall(struct req *rq)
 *     {
 *         struct slice token;
 *         int64_t id;
 *         int rc = desk_begin(rq, &token);
 *
 *         if (rc != RC_OK)
 *             return desk_over(rc);
 *         if (dec_id(rq->params[0], "stl", &id) < 0)
 *             return RC_NOT_FOUND;
 *         return flow_stall_get(&rq->task, rq->app, token, id, show_done);
 *     }
 *
 * The SQL function takes the token (hash), logs in and answers rc; RC_UNAUTHORIZED and RC_FORBIDDEN simply are returned: a
 * browser without a good session is sent to /login and comes back, one without the right gets a page that says so.
 *
 * 2. A list: desk_list_begin, a flow call with list->limit (one row more than the page), desk_list_reply. The page has
 * {{#items}} and {{>pages.html}} (next, previous); filters are query parameters and stay in every link.
 *
 * 3. Taking something in: read with the readers of api/json.h; the same handler reads a form and a JSON body.
 *
 *     int desk_stalls_create(struct req *rq)
 *     {
 *         ...
 *         rc = desk_begin(rq, &token);
 *         if (rc == RC_OK)
 *             rc = desk_in_begin(&in, rq, desk_stalls);        // the page that holds the form: shown again on a fault
 *         if (rc != RC_OK)
 *             return desk_over(rc);
 *         api_in_known(&in, in.root, "", MEMBERS);
 *         api_in_free_text(&in, NULL, "/name", 1, 80, &name);
 *         rc = desk_in_end(&in);
 *         return rc != RC_OK ? desk_over(rc) : flow_stall_create(&rq->task, rq->app, token, name, create_done);
 *     }
 *
 *     static int create_done(struct task *t)
 *     {
 *         ...
 *         if (rc == RC_CONFLICT)
 *             return desk_refuse(rq, "/name", "conflict", "There is a stall of that name.");   // sentence: api/problem_vi.c
 *         return rc < 0 ? rc : desk_done(rq, 201, stall_doc(s), "said.saved", "/desk/stalls/%s", id);
 *     }
 *
 * A fault under /api/ is a 422 problem document with pointers. On a page the form's page is made again (status 422) with
 * everything that was typed and each fault beside its field; faults that belong to no field stand above. Success is the
 * document, or 303 to the address with a message of the catalogue shown once there.
 *
 * Forms: the name of a field is the member's pointer with dots ("payee.bin" is /payee/bin; "lines.0.label" is the first of an
 * array of objects); a name given several times is an array. Surrounding blanks are dropped, an empty field is an absent
 * member. Whole numbers may be grouped ("1.200.000"), dates may be 30/11/2026, a ticked checkbox is true. Whoever does
 * something that must not happen twice reads its key with desk_in_key: the header Idempotency-Key, or the field {{>once.html}}.
 *
 * 4. Templates: the document, and what showing adds to it (desk_view.c), at every depth:
 *     X_text    of an integer "1.200.000", of a time "08:03 05/12/2026", of a date "05/12/2026", of a member of the table in
 *               desk_view.c ("state", "reason" …) its words in the catalogue: {{state_text}} is the text "state.open"
 *               and of a member "bin" the short name of the bank
 *     X_money   of an integer: "1.200.000 đ"
 *     X_words   of amount, missing and surplus, in Vietnamese: "Hai trăm nghìn đồng"
 *     X_said    of the same, as it is read out by a machine: the words, or in other languages all digits
 *     X_qr      of a member "payload": the symbol; {{{payload_qr}}}
 *     has_X     of an array that is not empty, of a number that is not 0
 *     X_is      of such a member: {{#state_is.open}} … {{/state_is.open}}
 * Of a form: {{in.payee.bin}} what was typed, {{&wrong.payee.bin}} the attributes that tie a field to its fault, and
 * {{&said.payee.bin}} the fault itself. Of lists of choices, {"choices": {"bin": [{"value", "text"}]}}, those that were chosen
 * have {{#chosen}}. Of the query: {{query.state}}; choices and values that no form overrides come from there.
 * {{frame.self}} is the "id" of the document, for sections in which {{id}} is another one.
 * A page looks like this; the classes are shown by tests/web/components.html (node tests/web/shots.mjs FOLDER desk_components):
 *
 *     {{>desk_head.html}}
 *     <title>{{t.stalls.title}} · {{frame.org}}</title>
 *     {{>desk_top.html}}
 *     <h1>{{t.stalls.title}}</h1>
 *     <form method="post" action="/desk/stalls" class="form">
 *     {{>csrf.html}}
 *     <p class="field"><label for="name">{{t.stalls.name}}</label>
 *     <input id="name" name="name" value="{{in.name}}" required{{&wrong.name}}>{{&said.name}}</p>
 *     <p class="acts"><button>{{t.stalls.add}}</button></p>
 *     </form>
 *     {{>desk_foot.html}}
 *
 * The language of a page is ?lang=, else what was chosen last (cookie), else the browser's. The document is never changed by
 * it: words belong to templates and catalogues. */
#ifndef KHOP_WEB_DESK_H
#define KHOP_WEB_DESK_H

#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/http/req.h"
#include <jansson.h>
#include <stdbool.h>

/* The caller: the hash of a bearer token under /api/, of the session elsewhere. RC_OK; 1 when the answer has been given
 * (sent to /login); RC_UNAUTHORIZED. Whether it is any good is for the SQL function. */
int desk_begin(struct req *rq, struct slice *token_hash) RC_MUST;
/* What a handler returns for a result that is not RC_OK: 1 is an answer that was given. */
static inline int desk_over(int rc)
{
    return rc < 0 ? rc : RC_OK;
}

/* The answer: the document as JSON, or as a page through a template of lib/web/templates. Takes the document's reference
 * (NULL: RC_NOMEM). May be returned from any step; a page is finished after one more read of the database, which says who is
 * signed in. */
int desk_reply(struct req *rq, int status, const char *template, json_t *doc) RC_MUST;
/* As api_list_begin, for both faces; desk_list_reply takes further members of the document (or NULL). */
int desk_list_begin(struct req *rq, struct api_list **list) RC_MUST;
int desk_list_reply(struct req *rq, const char *template, json_t *more, const void *rows, size_t n, api_list_row row) RC_MUST;

/* Adds a choice of a form field to the document of a page: {"choices": {name: [{"value", "text"}]}}; nothing when the document
 * leaves as JSON. Takes the reference of the text. */
void desk_choice(struct req *rq, json_t *doc, const char *name, const char *value, json_t *text);

/* Starts reading the body. `form` shows the page that holds the form (a GET handler; it may look at rq->params). RC_OK, 1
 * when answered, or a negative rc. */
int desk_in_begin(struct api_in *in, struct req *rq, int (*form)(struct req *)) RC_MUST;
/* The same where a program may leave the body out: there is nothing that must be said. */
int desk_in_maybe(struct api_in *in, struct req *rq, int (*form)(struct req *)) RC_MUST;
/* The key of something that must not happen twice, 1 to 255 characters. RC_OK, 1 when answered (it is missing). */
int desk_in_key(struct api_in *in, struct slice *key) RC_MUST;
/* RC_OK when everything was right; 1 when the faults have been answered; a negative rc. */
int desk_in_end(struct api_in *in) RC_MUST;
/* A refusal that only the database could know, after desk_in_begin: of a member (422), or of the whole (pointer NULL; `code`
 * is then one of api/problem.c: "conflict" …). */
int desk_refuse(struct req *rq, const char *pointer, const char *code, const char *detail) RC_MUST;
/* The key was used for something else. */
int desk_refuse_key(struct req *rq) RC_MUST;
/* It was done. Takes the document's reference (NULL with 204); with 201 the answer names its address, the collection and its "id". `said` is a text of the catalogue ("said.…"), shown on the next page, or NULL;
 * the address must be a path of ours. */
int desk_done(struct req *rq, int status, json_t *doc, const char *said, const char *location, ...) RC_MUST
    __attribute__((format(printf, 5, 6)));

/* A POST that takes nothing in (an action): on a page it is a form with {{>csrf.html}} and a button. RC_OK, 1 when answered. */
int desk_act_begin(struct req *rq, int (*form)(struct req *)) RC_MUST;

/* For who makes other answers: is it a page that is wanted; its language. */
bool desk_is_page(const struct req *rq);
const char *desk_language(struct req *rq);
/* The words of a value in the language of the page, from the catalogue ("provider", "sepay"); the value when it has none. */
const char *desk_word(struct req *rq, const char *name, const char *value);
/* RC_UNAUTHORIZED, RC_STALE and RC_FORBIDDEN of a signed-in page. True when it answered; for web_fail. */
bool desk_fail(struct req *rq, int rc);

/* Handlers of pages that are only about the desk itself. */
int desk_home(struct req *rq);               /* GET  /api/v1/home, /desk */
int desk_accounts(struct req *rq);           /* GET  /api/v1/accounts, /desk/accounts */
int desk_account(struct req *rq);            /* GET  /api/v1/accounts/{id}, /desk/accounts/{id} */
int desk_accounts_create(struct req *rq);    /* POST */
int desk_receipt_paper(struct req *rq);      /* GET  /api/v1/receipts/{id}/pdf, /desk/receipts/{id}/pdf: the desk's version; waits for a job */
int desk_day_paper(struct req *rq);          /* GET  /api/v1/days/{date}/sheet, /desk/days/{date}/sheet: PDF; waits for a job */
int desk_alone(struct req *rq);              /* GET  /api/v1/alone-limit, /desk/alone-limit: up to what sum one person alone decides */
int desk_alone_save(struct req *rq);         /* POST: the administrator, step-up */
int desk_papers(struct req *rq);             /* GET  /api/v1/papers, /desk/papers: what papers say about the organisation */
int desk_papers_save(struct req *rq);        /* POST */
int desk_reports(struct req *rq);            /* GET  /api/v1/reports, /desk/reports */
int desk_report(struct req *rq);             /* GET  /api/v1/reports/{name}, /desk/reports/{name}; may wait for a job */

int desk_statements(struct req *rq);         /* GET  /api/v1/statements, /desk/statements */
int desk_statement(struct req *rq);          /* GET  …/statements/{id} */
int api_statements_upload(struct req *rq);   /* POST /api/v1/statements?account=&format=, the file as the body */
int desk_statements_upload(struct req *rq);  /* POST /desk/statements: a form with the file */
int desk_reconciliation(struct req *rq);     /* GET  /api/v1/reconciliation?account=&date= */
int desk_days(struct req *rq);               /* GET  /desk/days: today */
int api_day_accounts(struct req *rq);        /* GET  /api/v1/days/{date}: all accounts */
int desk_day(struct req *rq);                /* GET  /desk/days/{date} */

int desk_connections(struct req *rq);        /* GET  /api/v1/connections, /desk/connections */
int desk_connections_create(struct req *rq); /* POST */
int desk_connection(struct req *rq);         /* GET  /api/v1/connections/{id}, /desk/connections/{id} */
int desk_connection_secret(struct req *rq);  /* POST …/{id}/secrets */
int desk_connection_secret_end(struct req *rq); /* POST …/{id}/secrets/{id}/end */

int desk_stalls(struct req *rq);             /* GET  /api/v1/stalls, /desk/stalls */
int desk_stalls_create(struct req *rq);      /* POST */
int desk_stall(struct req *rq);              /* GET  …/stalls/{id}: what its seller sees */
int desk_stall_assign(struct req *rq);       /* POST …/stalls/{id}/owner */
int desk_stall_close(struct req *rq);        /* POST …/stalls/{id}/close */
int desk_stall_sale(struct req *rq);         /* POST …/stalls/{id}/sales */
int desk_stall_sale_show(struct req *rq);    /* GET  …/stalls/{id}/sales/{code} */
int desk_stall_asked(struct req *rq);        /* POST …/stalls/{id}/asks: what the page asked for with codes it made itself */
int desk_stall_events(struct req *rq);       /* GET  …/stalls/{id}/events, server-sent */
int desk_stall_book(struct req *rq);         /* GET  …/stalls/{id}/book, CSV */
int desk_stall_poster(struct req *rq);       /* GET  …/stalls/{id}/poster?size=a5|a6: PDF; waits for a job */

int desk_payouts(struct req *rq);            /* GET  /api/v1/payouts, /desk/payouts */
int desk_payouts_create(struct req *rq);     /* POST */
int desk_payouts_upload(struct req *rq);     /* POST /api/v1/payouts/upload: a sheet as body; /desk/payouts/upload: a form with it */
int desk_payout(struct req *rq);             /* GET  …/payouts/{id} */
int desk_payout_lines(struct req *rq);       /* GET  …/{id}/lines */
int desk_payout_submit(struct req *rq);      /* POST …/{id}/submit */
int desk_payout_return(struct req *rq);      /* POST …/{id}/return */
int desk_payout_approve(struct req *rq);     /* POST …/{id}/approve */
int desk_payout_cancel(struct req *rq);      /* POST …/{id}/cancel */
int desk_payout_batch(struct req *rq);       /* GET  …/{id}/batch: the file for the bank */
int desk_payout_report(struct req *rq);      /* GET  …/{id}/report */

#endif
