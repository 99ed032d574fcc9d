/* A file that becomes the input of a job: the body itself under /api/, a form with a file (multipart/form-data) on a page. The file goes into the
 * database piece by piece; nothing of it is kept before it is known who sends it.
 *
 *     static int ready(struct req *rq, struct flow_job_submit *submit, const json_t *fields)
 *     {
 *         submit->params = …;                  // from the fields of the form (a page), or from the query (fields NULL)
 *         return RC_OK;                        // or 1 when it answered
 *     }
 *
 *     static int submitted(struct task *t) { … desk_job_started(req_of(t)) … }
 *
 *     int desk_things_import(struct req *rq) { return desk_upload(rq, SLICE("things"), desk_things, ready, submitted); }
 *
 * The route is streamed ({ .stream = true, .body_max, .deadline_ms }); the form has {{>csrf.html}}, {{>once.html}} and its fields before
 * <input type="file" name="file">, and enctype="multipart/form-data". */
#ifndef KHOP_WEB_UPLOAD_H
#define KHOP_WEB_UPLOAD_H

#include "khop/flow/job.h"
#include "khop/http/req.h"
#include <jansson.h>

typedef int (*desk_upload_ready)(struct req *rq, struct flow_job_submit *submit, const json_t *fields);

/* `form` shows the page that holds the form, for faults. */
int desk_upload(struct req *rq, struct slice kind, int (*form)(struct req *), desk_upload_ready ready, task_step submitted) RC_MUST;

/* Answers after flow_job_submit: 202 with the job, or the way to its page; faults of the key and of too many jobs. */
int desk_job_started(struct req *rq) RC_MUST;
/* Starts a job without input and answers so: kind and params are set. */
int desk_job_start(struct req *rq, struct slice token_hash, const struct flow_job_submit *submit) RC_MUST;

#endif
