/* Calls to a khopd (or to any receiver of notices) over HTTP, with libcurl; one call at a time, with deadlines. */
#ifndef KHOP_CMD_CLIENT_H
#define KHOP_CMD_CLIENT_H

#include "cmd.h"
#include <stdio.h>

#define CLIENT_HEADERS_MAX 12
#define CLIENT_ANSWER_MAX  (8u << 20)

struct client_header {
    const char *name;
    struct slice value;
};

struct client; /* one connection, kept alive between calls */

struct client *client_new(void); /* NULL without memory */
void client_free(struct client *c);

/* GET without a body (body.p == NULL), else POST. The answer's body is appended to `answer`; *status 0 when there was no
 * answer, then *why says it in words (valid until the next call). RC_UNAVAILABLE, RC_NOMEM. */
int client_call(struct client *c, const char *url, const struct client_header *headers, size_t n, struct slice body,
                long *status, struct buf *answer, const char **why) RC_MUST;

/* What every command that talks to the API takes: --url (or KHOP_URL) and --token (or KHOP_TOKEN), --json. */
struct client_options {
    const char *url, *token;
    bool json;
};
/* CMD_OK, or CMD_USAGE after saying what is missing. */
int client_take_options(int *argc, char **argv, struct client_options *o);
/* One call to the API: the answer's document (the caller releases it), or NULL after saying what went wrong in the words
 * of the problem document. `path` begins with a slash; body NULL is a GET; it is released. */
json_t *client_api(const struct client_options *o, const char *path, json_t *body, const char *idempotency_key);
/* The same with any body (p NULL: GET). */
json_t *client_api_send(const struct client_options *o, const char *path, const char *type, struct slice body,
                        const char *idempotency_key);

/* A file of the API (GET), written as it comes: CMD_OK, or CMD_FAILED after saying what went wrong. An answer that is no file but a document
 * (202: a job that makes it) is left in *doc for the caller to release. */
int client_api_file(const struct client_options *o, const char *path, FILE *to, json_t **doc);

#endif
