/* Handlers of /api/v1, of the hooks, and of what machines ask: contract, keys, health. rq->app is the process's struct
 * flow. Each is two short functions, begin and done (loop/task.h). */
#ifndef KHOP_API_API_H
#define KHOP_API_API_H

#include "khop/http/req.h"

int api_codes_create(struct req *rq);      /* POST /api/v1/codes */
int api_codes_list(struct req *rq);        /* GET  /api/v1/codes */
int api_codes_get(struct req *rq);         /* GET  /api/v1/codes/{id or code} */
int api_codes_cancel(struct req *rq);      /* POST /api/v1/codes/{id}/cancel */
int api_codes_batch(struct req *rq);       /* POST /api/v1/codes/batch, streamed */
int api_jobs_codes(struct req *rq);        /* GET  /api/v1/jobs/{id}/codes */
int api_receipts_list(struct req *rq);     /* GET  /api/v1/receipts */
int api_receipts_get(struct req *rq);      /* GET  /api/v1/receipts/{id} */
int api_webhooks_create(struct req *rq);     /* POST /api/v1/webhooks */
int api_webhooks_list(struct req *rq);       /* GET  /api/v1/webhooks */
int api_webhooks_get(struct req *rq);        /* GET  /api/v1/webhooks/{id} */
int api_webhooks_end(struct req *rq);        /* POST /api/v1/webhooks/{id}/end */
int api_webhooks_secret(struct req *rq);     /* POST /api/v1/webhooks/{id}/secrets */
int api_webhooks_deliveries(struct req *rq); /* GET  /api/v1/webhooks/{id}/deliveries */
int api_webhooks_resend(struct req *rq);     /* POST /api/v1/webhooks/{id}/deliveries/{event}/resend */
int api_hook(struct req *rq);              /* POST /hooks/{connection} and VietQR.vn's paths under it */
int api_jwks(struct req *rq);              /* GET  /.well-known/jwks.json */
int api_openapi(struct req *rq);           /* GET  /openapi.json */
int api_healthz(struct req *rq);           /* GET  /healthz */
int api_readyz(struct req *rq);            /* GET  /readyz */

#endif
