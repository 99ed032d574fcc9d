/* Handlers of pages. A page is an API document and a template; rq->app is the process's struct flow. */
#ifndef KHOP_WEB_WEB_H
#define KHOP_WEB_WEB_H

#include "khop/http/req.h"

int web_home(struct req *rq);         /* GET /                 what this is, for whom */
int web_pay(struct req *rq);          /* GET /p/{token} */
int web_pay_json(struct req *rq);     /* GET /p/{token}.json   the page's document, also what the page polls */
int web_pay_qr_svg(struct req *rq);   /* GET /p/{token}/qr.svg */
int web_pay_qr_png(struct req *rq);   /* GET /p/{token}/qr.png with amount and memo under the code */
int web_pay_events(struct req *rq);   /* GET /p/{token}/events server-sent */
int web_receipt(struct req *rq);      /* GET /r/{token} */
int web_receipt_jws(struct req *rq);  /* GET /r/{token}.jws */
int web_receipt_pdf(struct req *rq);  /* GET /r/{token}.pdf, waits for the job that makes it */
int web_receipt_json(struct req *rq); /* GET /r/{token}.json */
int web_static(struct req *rq);       /* GET /static/{name} */

/* Fails as a page for a browser, as a problem document for everybody else; for http_config. */
void web_fail(struct req *rq, int rc);
void web_fail_status(struct req *rq, int status);

#endif
