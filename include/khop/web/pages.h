/* Pages: a document in, HTML out. Who handles the request makes the document (the same that leaves as JSON); what is only
 * a matter of showing it (digits in groups, words, dates, the QR symbol, which of the states it is) is added here, so a
 * page can say nothing that the document does not. Times are shown at +07:00.
 *
 * Pay page (product.md §4), members marked * may be null or missing:
 *   "org": {"name"}, "payer"*: {"name"}        given name and class only, see web_given_name
 *   "code", "memo", "label"*, "amount"* (null: whatever the payer types), "paid" (0 where the payer types it: what a
 *       stall takes is its own business), "mark"* (another text after each payment)
 *   "status": issued partially_paid paid overpaid paid_late cancelled, "expired"*: true when it may no longer be paid
 *   "due_on"*: "YYYY-MM-DD"
 *   "to": {"bin", "account_no", "holder"}      whom to pay: the unit's account, of a payout the beneficiary's
 *   "payload"                                  VietQR text; of a code paid in part, with the sum still missing
 *   "lines"*: [{"label", "amount"}]
 *   "receipts": [{"number", "amount", "paid_at", "url"}]   the newest, oldest of them first
 *   "page_url" (whole, for sharing), "qr_png", "events_url", "json_url" (paths)
 * Events: the script listens for "status" and for messages without a name; data is an object with "status" and "mark" as in
 * the document, and the document at json_url has the same two. When either differs from the page, the page loads itself again.
 *
 * Receipt page (public: no names of payers, no account numbers):
 *   "number", "amount", "code", "kind", "org": {"code", "name"}, "paid_at", "issued_at", "label"*, "reference"*,
 *   "voided": bool, "kid", "url", "jws_url", "json_url", "pdf_url"*
 *
 * Error page: "status" (number), "request_id"*, "desk"*: bool, "again"*: bool, "back"*: path, "limit"*: text. Home page:
 * "unknown"*: bool, "asked"*. */
#ifndef KHOP_WEB_PAGES_H
#define KHOP_WEB_PAGES_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Compiles the templates; once a process, before the first page (a page does it too if nobody did). RC_INTERNAL with a
 * sentence in the error: a fault of the build. */
int web_pages_start(char *error, size_t error_size) RC_MUST;
/* The same with one more template, whose text stays: for tests that show what no page of ours shows at once. */
struct mustache_source;
int web_pages_start_more(const struct mustache_source *more, char *error, size_t error_size) RC_MUST;
void web_pages_stop(void);

#define WEB_PAGE_MAX (256 * 1024)

/* Append a whole page in a language ("vi", "en"; others are vi). The document is not changed. RC_BAD_INPUT (a member above
 * is missing or of another type), RC_TOO_LARGE, RC_NOMEM, RC_INTERNAL (templates). */
int web_pay_page(const json_t *doc, const char *lang, struct buf *out) RC_MUST;
int web_receipt_page(const json_t *doc, const char *lang, struct buf *out) RC_MUST;
int web_error_page(const json_t *doc, const char *lang, struct buf *out) RC_MUST;
int web_home_page(const json_t *doc, const char *lang, struct buf *out) RC_MUST;

/* A signed-in page: its document with (see web/desk.h)
 *   "frame": {"org", "kind", "user"*, "scopes", "path", "csrf", "lang_url", "said"*}   what the layout shows
 *   "in"*: what was typed, "faults"*: [{"pointer", "detail"}], "query"*: the parameters of the address
 * RC_NOT_FOUND: there is no such template. */
int web_desk_page(const char *template, const json_t *doc, const char *lang, struct buf *out) RC_MUST;

/* The last word of a name ("Lò Thị Mai" is called Mai): what a page without login may show of a child. */
struct slice web_given_name(struct slice name);

/* Files of lib/web/static, named with a part of their hash so that they may be cached for ever. */
struct web_asset {
    const char *name;   /* "page.1f0c3a9b7d.css", as in /static/{name} */
    const char *source; /* "page.css" */
    const char *type;
    const unsigned char *bytes;
    size_t n;
    const unsigned char *gzip; /* NULL where it would not be smaller */
    size_t gzip_n;
};

/* By name; NULL when there is none. */
const struct web_asset *web_asset(struct slice name);
/* By place, NULL past the last. */
const struct web_asset *web_asset_at(size_t place);

#endif
