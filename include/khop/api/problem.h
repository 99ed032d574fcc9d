/* Problem documents (RFC 9457): the one place that turns a result code into a status, a document and its words. */
#ifndef KHOP_API_PROBLEM_H
#define KHOP_API_PROBLEM_H

#include "khop/http/req.h"
#include <jansson.h>

/* One wrong member of a request body: where (JSON pointer), what (short code), and a plain sentence. */
struct api_error {
    char pointer[64];
    const char *code;
    const char *detail;
};

/* Answers with the problem of this code ("not_found", "idempotency_key_reused" …; see problem.c). `detail` may be NULL. */
int api_problem(struct req *rq, const char *code, const char *detail);
/* 422 with one entry per wrong member. */
int api_problem_invalid(struct req *rq, const struct api_error *errors, size_t n);
/* A detail in the language of the request, for documents that carry some. */
const char *api_detail(const struct req *rq, const char *detail);
/* In a language of pages ("vi", "en"). */
const char *api_detail_in(const char *lang, const char *detail);
/* For http_config: any rc, any bare status. What is wrong with a parameter of the address (api/query.h) is told by its name. */
void api_fail(struct req *rq, int rc);
void api_fail_status(struct req *rq, int status);
/* GET /problems/{code}: what a problem's `type` points at. */
int api_problem_page(struct req *rq);

#endif
