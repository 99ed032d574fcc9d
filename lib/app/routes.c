#include "routes.h"

#include "khop/api/api.h"
#include "khop/api/job.h"
#include "khop/api/problem.h"
#include "khop/auth/kept.h"
#include "khop/web/books.h"
#include "khop/web/desk.h"
#include "khop/web/entry.h"
#include "khop/web/school.h"
#include "khop/web/voice.h"
#include "khop/web/web.h"
#include "metrics.h"

#include "khop/base/banned.h"

#define HOOK_BODY (64 * 1024)  /* security.md §3 */
#define DOOR_BODY (8 * 1024)
#define KEPT_BODY (DOOR_BODY + AUTH_KEPT_TEXT) /* signing in, with a form that waits for it */
#define API_BODY  (256 * 1024)

/* A file of a few hundred thousand codes, over a line of a few megabits. */
#define BATCH_BODY        (64 * 1024 * 1024)
#define SHEET_BODY        (8 * 1024 * 1024)
#define BATCH_DEADLINE_MS 120000
#define STATEMENT_BODY    (32 * 1024 * 1024)

/* A list of pupils or of people with what a form says around it. */
#define LIST_BODY (8 * 1024 * 1024 + 65536)

/* Providers give up after 30 s (SePay) or earlier; a hook answers 503 before that (security.md §2 rule 5). */
#define HOOK_DEADLINE_MS 25000

/* What is read is read in milliseconds or, with the database away, not at all: who asks hears that soon. */
#define READ_DEADLINE_MS  6000
#define READY_DEADLINE_MS 3000

#define GET(path, fn)  { .method = HTTP_GET, .pattern = path, .handle = fn, .deadline_ms = READ_DEADLINE_MS }
#define POST(path, fn) { .method = HTTP_POST, .pattern = path, .handle = fn, .body_max = API_BODY }
#define DOOR(path, fn) { .method = HTTP_POST, .pattern = path, .handle = fn, .body_max = DOOR_BODY }
#define KEPT(path, fn) { .method = HTTP_POST, .pattern = path, .handle = fn, .body_max = KEPT_BODY }
#define HOOK(path)     { .method = HTTP_POST, .pattern = path, .handle = api_hook, .body_max = HOOK_BODY, .deadline_ms = HOOK_DEADLINE_MS }

/* A file that a job makes while somebody waits (api/job.h). */
#define SMALL_GET(path, fn) { .method = HTTP_GET, .pattern = path, .handle = fn, .deadline_ms = API_JOB_SMALL_MS }
#define UPLOAD(path, fn, max) { .method = HTTP_POST, .pattern = path, .handle = fn, .body_max = max, .deadline_ms = BATCH_DEADLINE_MS, .stream = true }

/* One handler for programs and for people (web/desk.h). */
/* A small paper that is made while somebody waits (api/job.h). */
#define PAPER(path, fn)      { .method = HTTP_GET, .pattern = path, .handle = fn, .deadline_ms = API_JOB_SMALL_MS }
#define BOTH_PAPER(path, fn) PAPER("/api/v1" path, fn), PAPER("/desk" path, fn)
#define BOTH_GET(path, fn)  GET("/api/v1" path, fn), GET("/desk" path, fn)
#define BOTH_POST(path, fn) POST("/api/v1" path, fn), POST("/desk" path, fn)

const struct route app_routes[] = {
    HOOK("/hooks/{}"),
    HOOK("/hooks/{}/api/token_generate"),
    HOOK("/hooks/{}//api/token_generate"),
    HOOK("/hooks/{}/bank/api/transaction-sync"),
    HOOK("/hooks/{}//bank/api/transaction-sync"),

    GET("/p/{}.json", web_pay_json),
    GET("/p/{}", web_pay),
    GET("/p/{}/qr.svg", web_pay_qr_svg),
    GET("/p/{}/qr.png", web_pay_qr_png),
    GET("/p/{}/events", web_pay_events),
    GET("/r/{}.jws", web_receipt_jws),
    SMALL_GET("/r/{}.pdf", web_receipt_pdf),
    GET("/r/{}.json", web_receipt_json),
    GET("/r/{}", web_receipt),
    GET("/static/{}", web_static),
    GET("/voice/{}/{}", web_voice),
    GET("/", web_home),

    GET("/login", web_login),
    KEPT("/login", web_login_post),
    POST("/login/kept", web_kept),
    GET("/login/factor", web_factor),
    KEPT("/login/factor", web_factor_post),
    GET("/login/again", web_factor),
    KEPT("/login/again", web_factor_post),
    GET("/login/enrol", web_enrol),
    DOOR("/login/enrol", web_enrol_post),
    GET("/logout", web_logout),
    DOOR("/logout", web_logout_post),
    GET("/setup", web_setup),
    DOOR("/setup", web_setup_post),
    GET("/invite/{}", web_invite),
    DOOR("/invite/{}", web_invite_post),
    GET("/me", desk_me),
    DOOR("/me/password", desk_me_password),
    DOOR("/me/role", desk_me_role),
    GET("/me/factor", web_enrol),
    DOOR("/me/factor", web_enrol_post),
    DOOR("/me/factor/remove", desk_me_factor_remove),
    DOOR("/me/recovery", desk_me_recovery),
    DOOR("/me/sessions/end", desk_me_sessions_end),
    DOOR("/me/sessions/{}/end", desk_me_session_end),

    BOTH_GET("/users", desk_users),
    BOTH_POST("/users", desk_users_invite),
    BOTH_POST("/users/{}/roles", desk_user_role_add),
    BOTH_POST("/users/{}/roles/{}/end", desk_user_role_end),
    BOTH_POST("/users/{}/disable", desk_user_disable),
    BOTH_POST("/users/{}/enable", desk_user_enable),
    BOTH_POST("/users/{}/factor", desk_user_factor_reset),
    BOTH_POST("/users/{}/reset", desk_user_reset),
    BOTH_POST("/invitations/{}/end", desk_invitation_end),
    BOTH_GET("/audit/events", desk_events),

    POST("/api/v1/codes", api_codes_create),
    { .method = HTTP_POST, .pattern = "/api/v1/codes/batch", .handle = api_codes_batch, .body_max = BATCH_BODY,
      .deadline_ms = BATCH_DEADLINE_MS, .stream = true },
    GET("/api/v1/codes", api_codes_list),
    GET("/api/v1/codes/{}", api_codes_get),
    POST("/api/v1/codes/{}/cancel", api_codes_cancel),
    GET("/api/v1/receipts", api_receipts_list),
    GET("/api/v1/receipts/{}", api_receipts_get),
    SMALL_GET("/api/v1/receipts/{}/pdf", desk_receipt_paper),
    SMALL_GET("/desk/receipts/{}/pdf", desk_receipt_paper),
    SMALL_GET("/api/v1/days/{}/sheet", desk_day_paper),
    SMALL_GET("/desk/days/{}/sheet", desk_day_paper),
    BOTH_GET("/alone-limit", desk_alone),
    BOTH_POST("/alone-limit", desk_alone_save),
    BOTH_GET("/papers", desk_papers),
    BOTH_POST("/papers", desk_papers_save),
    BOTH_GET("/jobs/{}", desk_job),
    BOTH_POST("/jobs/{}/cancel", desk_job_cancel),
    BOTH_POST("/jobs/{}/confirm", desk_job_confirm),
    BOTH_GET("/jobs/{}/result", desk_job_result),
    BOTH_GET("/payers", desk_payers),
    UPLOAD("/api/v1/payers/import", desk_payers_import, LIST_BODY),
    UPLOAD("/desk/payers/import", desk_payers_import, LIST_BODY),
    BOTH_POST("/payers", desk_payers_create),
    GET("/desk/payers/new", desk_payer_new),
    BOTH_GET("/payers/{}", desk_payer),
    BOTH_POST("/payers/{}", desk_payer_change),
    GET("/desk/payers/{}/edit", desk_payer_edit),
    BOTH_POST("/payers/{}/leave", desk_payer_leave),
    BOTH_POST("/payers/{}/return", desk_payer_return),
    BOTH_GET("/ceilings", desk_ceilings),
    BOTH_POST("/ceilings", desk_ceilings_create),
    BOTH_GET("/rounds", desk_rounds),
    BOTH_POST("/rounds", desk_rounds_create),
    GET("/desk/rounds/new", desk_round_new),
    BOTH_GET("/rounds/{}", desk_round),
    BOTH_POST("/rounds/{}", desk_round_change),
    GET("/desk/rounds/{}/edit", desk_round_edit),
    BOTH_GET("/rounds/{}/payers", desk_round_payers),
    UPLOAD("/api/v1/rounds/{}/amounts", desk_round_amounts, LIST_BODY),
    UPLOAD("/desk/rounds/{}/amounts", desk_round_amounts, LIST_BODY),
    BOTH_POST("/rounds/{}/propose", desk_round_propose),
    BOTH_POST("/rounds/{}/return", desk_round_return),
    BOTH_POST("/rounds/{}/approve", desk_round_approve),
    BOTH_POST("/rounds/{}/issue", desk_round_issue),
    BOTH_POST("/rounds/{}/cancel", desk_round_cancel),
    BOTH_POST("/rounds/{}/slips", desk_round_slips),
    BOTH_POST("/rounds/{}/export", desk_round_export),
    GET("/api/v1/jobs/{}/codes", api_jobs_codes),
    BOTH_GET("/reports", desk_reports),
    SMALL_GET("/api/v1/reports/{}", desk_report),
    SMALL_GET("/desk/reports/{}", desk_report),
    GET("/desk", desk_home),
    GET("/api/v1/home", desk_home),
    BOTH_GET("/accounts", desk_accounts),
    BOTH_POST("/accounts", desk_accounts_create),
    BOTH_GET("/accounts/{}", desk_account),
    BOTH_GET("/statements", desk_statements),
    BOTH_GET("/statements/{}", desk_statement),
    { .method = HTTP_POST, .pattern = "/api/v1/statements", .handle = api_statements_upload, .body_max = STATEMENT_BODY,
      .deadline_ms = BATCH_DEADLINE_MS, .stream = true },
    UPLOAD("/desk/statements", desk_statements_upload, STATEMENT_BODY),
    GET("/api/v1/reconciliation", desk_reconciliation),
    GET("/desk/days", desk_days),
    GET("/desk/days/{}", desk_day),
    GET("/api/v1/days/{}", api_day_accounts),
    BOTH_GET("/payouts", desk_payouts),
    BOTH_POST("/payouts", desk_payouts_create),
    { .method = HTTP_POST, .pattern = "/api/v1/payouts/upload", .handle = desk_payouts_upload, .body_max = SHEET_BODY,
      .deadline_ms = BATCH_DEADLINE_MS, .stream = true },
    UPLOAD("/desk/payouts/upload", desk_payouts_upload, LIST_BODY),
    BOTH_GET("/payouts/{}", desk_payout),
    GET("/api/v1/payouts/{}/lines", desk_payout_lines),
    BOTH_POST("/payouts/{}/submit", desk_payout_submit),
    BOTH_POST("/payouts/{}/return", desk_payout_return),
    BOTH_POST("/payouts/{}/approve", desk_payout_approve),
    BOTH_POST("/payouts/{}/cancel", desk_payout_cancel),
    BOTH_PAPER("/payouts/{}/batch", desk_payout_batch),
    BOTH_PAPER("/payouts/{}/report", desk_payout_report),
    BOTH_GET("/connections", desk_connections),
    BOTH_POST("/connections", desk_connections_create),
    BOTH_GET("/connections/{}", desk_connection),
    BOTH_POST("/connections/{}/secrets", desk_connection_secret),
    BOTH_POST("/connections/{}/secrets/{}/end", desk_connection_secret_end),
    BOTH_GET("/stalls", desk_stalls),
    BOTH_POST("/stalls", desk_stalls_create),
    BOTH_GET("/stalls/{}", desk_stall),
    BOTH_POST("/stalls/{}/owner", desk_stall_assign),
    BOTH_POST("/stalls/{}/close", desk_stall_close),
    BOTH_POST("/stalls/{}/sales", desk_stall_sale),
    BOTH_GET("/stalls/{}/sales/{}", desk_stall_sale_show),
    BOTH_POST("/stalls/{}/asks", desk_stall_asked),
    BOTH_GET("/stalls/{}/events", desk_stall_events),
    BOTH_GET("/stalls/{}/book", desk_stall_book),
    PAPER("/api/v1/stalls/{}/poster", desk_stall_poster),
    PAPER("/desk/stalls/{}/poster.pdf", desk_stall_poster),
    BOTH_GET("/exceptions", desk_exceptions),
    BOTH_GET("/exceptions/{}", desk_exception),
    BOTH_POST("/exceptions/{}/resolve", desk_exception_resolve),
    BOTH_POST("/exceptions/{}/undo", desk_exception_undo),
    BOTH_POST("/exceptions/{}/approve", desk_exception_approve),
    BOTH_POST("/exceptions/{}/refuse", desk_exception_refuse),
    BOTH_POST("/refunds", desk_refunds_create),
    BOTH_GET("/days/{}/close", desk_day_close),
    BOTH_POST("/days/{}/close", desk_day_do_close),
    BOTH_POST("/days/{}/reopen", desk_day_reopen),
    BOTH_POST("/days/{}/approve", desk_day_approve),
    BOTH_POST("/days/{}/refuse", desk_day_refuse),

    POST("/api/v1/webhooks", api_webhooks_create),
    GET("/api/v1/webhooks", api_webhooks_list),
    GET("/api/v1/webhooks/{}", api_webhooks_get),
    POST("/api/v1/webhooks/{}/end", api_webhooks_end),
    POST("/api/v1/webhooks/{}/secrets", api_webhooks_secret),
    GET("/api/v1/webhooks/{}/deliveries", api_webhooks_deliveries),
    POST("/api/v1/webhooks/{}/deliveries/{}/resend", api_webhooks_resend),

    GET("/.well-known/jwks.json", api_jwks),
    GET("/openapi.json", api_openapi),
    GET("/problems/{}", api_problem_page),
    GET("/healthz", api_healthz),
    { .method = HTTP_GET, .pattern = "/readyz", .handle = api_readyz, .deadline_ms = READY_DEADLINE_MS },
    GET("/metrics", app_metrics),
};

const size_t app_nroutes = sizeof app_routes / sizeof app_routes[0];
