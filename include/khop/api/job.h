/* Jobs for handlers, of the API and of pages: starting one, also with an upload, waiting for a small one, giving its file. */
#ifndef KHOP_API_JOB_H
#define KHOP_API_JOB_H

#include "khop/flow/job.h"
#include "khop/http/req.h"
#include <jansson.h>

/* The document of a job; details in the language of the request. NULL without memory. */
json_t *api_doc_job(struct req *rq, const struct flow_job *job);

/* Takes the body of a streamed route as the input of a job, piece by piece, and submits it: `submit` with token, key, kind, format, params, urgent
 * set (its memory stays as long as the task). `done` then reads the answer with flow_job_read. RC_BUSY: too many jobs wait. */
int api_job_upload(struct req *rq, const struct flow_job_submit *submit, task_step done) RC_MUST;

/* A small paper that somebody sits and waits for (a receipt, a report): starts the job (`kind`, `params`, `token_hash` set; a key is not needed), waits
 * at most 15 s, and answers with its file. Late: the API answers 202 with the job, a page is sent to /desk/jobs/{id}. The route needs
 * .deadline_ms = API_JOB_SMALL_MS. */
#define API_JOB_SMALL_MS 20000
int api_job_small(struct req *rq, const struct flow_job_submit *submit) RC_MUST;

/* Answers with the file that came out of a job; 404 when there is none. */
int api_job_file(struct req *rq, struct slice token_hash, int64_t id) RC_MUST;

#endif
