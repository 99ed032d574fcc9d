/* A server of the real thing on 127.0.0.1 and clients of plain sockets, in one thread: whoever waits turns the loop. */
#ifndef KHOP_TESTS_HTTP_HARNESS_H
#define KHOP_TESTS_HTTP_HARNESS_H

#include "khop/base/buf.h"
#include "khop/http/server.h"
#include "khop/tls/tls.h"

#define PARKED_MAX 64

struct site {
    struct loop *loop;
    struct http_server *http;
    struct http_config config;
    int listener, port;
    /* what the handlers saw */
    struct task *parked[PARKED_MAX]; /* waiting in /park, oldest first */
    size_t nparked;
    size_t handled, failed, done;
    int last_rc, last_status;
    struct sse *streams[PARKED_MAX];
    size_t nstreams, closed;
    struct buf upload;
    size_t pieces;
    struct slice large;              /* what /large answers */
};

extern struct site site;

/* Starts the site; `tune` may change the configuration. */
void site_start(void (*tune)(struct http_config *config));
void site_stop(void);
/* Turns the loop for about `ms`. */
void site_run(int64_t ms);
/* Lets the oldest request in /park go on; false: there is none. */
bool site_wake(int rc);
void site_park_drop(void); /* forgets a hold without waking */

struct client {
    int fd;
    struct buf in;  /* everything received and not yet taken */
    bool eof, reset;
};

void client_open(struct client *c);
void client_open_from(struct client *c, const char *address);
void client_close(struct client *c);
void client_send(struct client *c, const char *bytes, size_t n);
void client_say(struct client *c, const char *text);
/* Receives what is there, without waiting. */
void client_poll(struct client *c);

struct answer {
    int status;
    struct slice head, body; /* into `all` */
    struct buf all;
};

/* The next answer (1xx too), turning the loop for at most `ms`; false: none came whole. For `head` the body is not awaited. */
bool client_answer(struct client *c, struct answer *a, bool head, int64_t ms);
/* The same from what has been received already. */
bool client_take(struct client *c, struct answer *a, bool head);
void answer_release(struct answer *a);
/* The value of an answer's header; p == NULL if absent. */
struct slice answer_header(const struct answer *a, const char *name);
/* Asserts the headers that every answer has (security.md §3). */
void answer_check(const struct answer *a);
/* Turns until the server has closed; false: not within `ms`. */
bool client_closed(struct client *c, int64_t ms);
/* Sends and expects one answer with this status and body (NULL: any). */
void expect(struct client *c, const char *request, int status, const char *body);
int64_t now_ms(void);

#endif
