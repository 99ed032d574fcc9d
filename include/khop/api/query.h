/* Parameters of the address. A reader answers nothing itself: RC_BAD_INPUT goes up, and api_fail names the parameter and what is wrong with it in errors[] (a page
 * gets its error page). Absent is RC_OK and leaves the value alone; so are texts and dates that are empty, and an id of a page's form. */
#ifndef KHOP_API_QUERY_H
#define KHOP_API_QUERY_H

#include "khop/http/req.h"

/* Notes that the parameter is wrong: a short code, and a sentence of problem_vi.c, behind whose full stop values may stand. RC_BAD_INPUT, RC_NOMEM. */
int api_query_wrong(struct req *rq, const char *name, const char *code, const char *detail) RC_MUST;
/* One of the names (NULL-ended); p == NULL if absent. */
int api_query_choice(struct req *rq, const char *name, const char *const *choices, struct slice *out) RC_MUST;
int api_query_int(struct req *rq, const char *name, int64_t min, int64_t max, int64_t *out) RC_MUST;
/* Of at most max bytes; p == NULL if absent or empty. */
int api_query_text(struct req *rq, const char *name, size_t max, struct slice *out) RC_MUST;
int api_query_id(struct req *rq, const char *name, const char *prefix, int64_t *out) RC_MUST;
/* "2026-11-30", or 30/11/2026 where the browser has no field for dates. */
int api_query_date(struct req *rq, const char *name, bool *has, int32_t *day) RC_MUST;

#endif
