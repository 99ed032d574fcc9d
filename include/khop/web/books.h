/* Pages and calls of the accountant: exceptions, refunds, closing days. */
#ifndef KHOP_WEB_BOOKS_H
#define KHOP_WEB_BOOKS_H

#include "khop/http/req.h"

int desk_exceptions(struct req *rq);         /* GET  /exceptions */
int desk_exception(struct req *rq);          /* GET  /exceptions/{id} */
int desk_exception_resolve(struct req *rq);  /* POST /exceptions/{id}/resolve */
int desk_exception_undo(struct req *rq);     /* POST /exceptions/{id}/undo */
int desk_exception_approve(struct req *rq);  /* POST /exceptions/{id}/approve */
int desk_exception_refuse(struct req *rq);   /* POST /exceptions/{id}/refuse */
int desk_refunds_create(struct req *rq);     /* POST /refunds */

int desk_day_close(struct req *rq);          /* GET  /days/{date}/close */
int desk_day_do_close(struct req *rq);       /* POST /days/{date}/close */
int desk_day_reopen(struct req *rq);         /* POST /days/{date}/reopen */
int desk_day_approve(struct req *rq);        /* POST /days/{date}/approve */
int desk_day_refuse(struct req *rq);         /* POST /days/{date}/refuse */

#endif
