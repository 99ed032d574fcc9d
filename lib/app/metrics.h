#ifndef KHOP_APP_METRICS_H
#define KHOP_APP_METRICS_H

#include "serve_private.h"

/* GET /metrics, Prometheus text format 0.0.4; only for callers on this machine. */
int app_metrics(struct req *rq);
/* One answered request. */
void metrics_request(struct metrics *m, int status, int64_t us);
/* Reads, now and then, what /metrics tells of other processes: a scrape must not wait for the database. */
void metrics_look(struct serve *s);

#endif
