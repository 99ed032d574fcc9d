#include "routes.h"

#include "khop/api/api.h"
#include "khop/api/problem.h"
#include "khop/web/web.h"
#include "metrics.h"

#include "khop/base/banned.h"

#define HOOK_BODY (64 * 1024)  /* security.md §3 */
#define API_BODY  (256 * 1024)

/* Providers give up after 30 s (SePay) or earlier; a hook answers 503 before that (security.md §2 rule 5). */
#define HOOK_DEADLINE_MS 25000

const struct route app_routes[] = {
    { HTTP_POST, "/hooks/{}", api_hook, HOOK_BODY, HOOK_DEADLINE_MS },
    { HTTP_POST, "/hooks/{}/api/token_generate", api_hook, HOOK_BODY, HOOK_DEADLINE_MS },
    { HTTP_POST, "/hooks/{}//api/token_generate", api_hook, HOOK_BODY, HOOK_DEADLINE_MS },
    { HTTP_POST, "/hooks/{}/bank/api/transaction-sync", api_hook, HOOK_BODY, HOOK_DEADLINE_MS },
    { HTTP_POST, "/hooks/{}//bank/api/transaction-sync", api_hook, HOOK_BODY, HOOK_DEADLINE_MS },

    { HTTP_GET, "/p/{}.json", web_pay_json, 0, 0 },
    { HTTP_GET, "/p/{}", web_pay, 0, 0 },
    { HTTP_GET, "/p/{}/qr.svg", web_pay_qr_svg, 0, 0 },
    { HTTP_GET, "/p/{}/qr.png", web_pay_qr_png, 0, 0 },
    { HTTP_GET, "/p/{}/events", web_pay_events, 0, 0 },
    { HTTP_GET, "/r/{}.jws", web_receipt_jws, 0, 0 },
    { HTTP_GET, "/r/{}.json", web_receipt_json, 0, 0 },
    { HTTP_GET, "/r/{}", web_receipt, 0, 0 },
    { HTTP_GET, "/static/{}", web_static, 0, 0 },
    { HTTP_GET, "/", web_home, 0, 0 },

    { HTTP_POST, "/api/v1/codes", api_codes_create, API_BODY, 0 },
    { HTTP_GET, "/api/v1/codes", api_codes_list, 0, 0 },
    { HTTP_GET, "/api/v1/codes/{}", api_codes_get, 0, 0 },
    { HTTP_POST, "/api/v1/codes/{}/cancel", api_codes_cancel, API_BODY, 0 },
    { HTTP_GET, "/api/v1/receipts", api_receipts_list, 0, 0 },
    { HTTP_GET, "/api/v1/receipts/{}", api_receipts_get, 0, 0 },
    { HTTP_POST, "/api/v1/accounts", api_accounts_create, API_BODY, 0 },
    { HTTP_GET, "/api/v1/accounts", api_accounts_list, 0, 0 },
    { HTTP_POST, "/api/v1/connections", api_connections_create, API_BODY, 0 },
    { HTTP_GET, "/api/v1/connections", api_connections_list, 0, 0 },
    { HTTP_POST, "/api/v1/connections/{}/secrets", api_connection_secret, API_BODY, 0 },
    { HTTP_POST, "/api/v1/connections/{}/secrets/{}/end", api_connection_secret_end, API_BODY, 0 },
    { HTTP_GET, "/api/v1/exceptions", api_exceptions_list, 0, 0 },

    { HTTP_GET, "/.well-known/jwks.json", api_jwks, 0, 0 },
    { HTTP_GET, "/openapi.json", api_openapi, 0, 0 },
    { HTTP_GET, "/problems/{}", api_problem_page, 0, 0 },
    { HTTP_GET, "/healthz", api_healthz, 0, 0 },
    { HTTP_GET, "/readyz", api_readyz, 0, 0 },
    { HTTP_GET, "/metrics", app_metrics, 0, 0 },
};

const size_t app_nroutes = sizeof app_routes / sizeof app_routes[0];
