/* Pages and calls of a school's fees: payers, rounds; and those of every job. Each serves /api/v1/… and /desk/… (web/desk.h). */
#ifndef KHOP_WEB_SCHOOL_H
#define KHOP_WEB_SCHOOL_H

#include "khop/http/req.h"

int desk_job(struct req *rq);            /* GET  /jobs/{id} */
int desk_job_cancel(struct req *rq);     /* POST /jobs/{id}/cancel */
int desk_job_confirm(struct req *rq);    /* POST /jobs/{id}/confirm */
int desk_job_result(struct req *rq);     /* GET  /jobs/{id}/result */

int desk_payers(struct req *rq);         /* GET  /payers */
int desk_payer(struct req *rq);          /* GET  /payers/{id} */
int desk_payers_create(struct req *rq);  /* POST /payers */
int desk_payer_new(struct req *rq);      /* GET  /desk/payers/new */
int desk_payer_edit(struct req *rq);     /* GET  /desk/payers/{id}/edit */
int desk_payer_change(struct req *rq);   /* POST /payers/{id} */
int desk_payer_leave(struct req *rq);    /* POST /payers/{id}/leave */
int desk_payer_return(struct req *rq);   /* POST /payers/{id}/return */
int desk_payers_import(struct req *rq);  /* POST /payers/import, streamed */

int desk_rounds(struct req *rq);         /* GET  /rounds */
int desk_rounds_create(struct req *rq);  /* POST /rounds */
int desk_round_new(struct req *rq);      /* GET  /desk/rounds/new */
int desk_round(struct req *rq);          /* GET  /rounds/{id} */
int desk_round_edit(struct req *rq);     /* GET  /desk/rounds/{id}/edit */
int desk_round_change(struct req *rq);   /* POST /rounds/{id} */
int desk_round_payers(struct req *rq);   /* GET  /rounds/{id}/payers */
int desk_round_amounts(struct req *rq);  /* POST /rounds/{id}/amounts, streamed */
int desk_round_propose(struct req *rq);  /* POST /rounds/{id}/propose */
int desk_round_return(struct req *rq);   /* POST /rounds/{id}/return */
int desk_round_approve(struct req *rq);  /* POST /rounds/{id}/approve */
int desk_round_issue(struct req *rq);    /* POST /rounds/{id}/issue */
int desk_round_cancel(struct req *rq);   /* POST /rounds/{id}/cancel */
int desk_round_slips(struct req *rq);    /* POST /rounds/{id}/slips */
int desk_round_export(struct req *rq);   /* POST /rounds/{id}/export */

int desk_ceilings(struct req *rq);       /* GET  /ceilings */
int desk_ceilings_create(struct req *rq); /* POST /ceilings */

#endif
