#ifndef KHOP_API_JOBS_H
#define KHOP_API_JOBS_H

#include "khop/flow/job.h"
#include "khop/http/req.h"
#include <jansson.h>

/* The document of a job; details in the language of the request. NULL without memory. */
json_t *api_doc_job(struct req *rq, const struct flow_job *job);

#endif
