/* Calls that go out: POST to addresses that somebody else has given (security.md §9). libcurl on our loop; only this file's module
 * includes it. What is refused before anything is sent: other schemes than https, user and password, ports but 443, host names that are
 * IP addresses; at the socket: every address that is not a public one, checked where the connection is made, so there is no second look-up
 * that could tell another. No redirects, no proxy variables, no cookies, no decompression. Connecting ends after 5 s, all of it after 10 s;
 * of the answer at most 64 KiB are read and nothing is kept but status and length.
 *
 * An origin of the `allow` list (http://10.1.2.3:8080) is taken as it stands: for an accounting server in the same house, and for tests. */
#ifndef KHOP_HTTP_CLIENT_H
#define KHOP_HTTP_CLIENT_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/loop/loop.h"
#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

#define HTTP_TARGET_MAX 2000 /* bytes of an address */

/* Is this an address that may be called? NULL when it is, else why not, as a sentence. `allow`: NULL-ended. */
const char *http_target_fault(struct slice url, const char *const *allow);
/* Not a loopback, private, shared, link-local, documentation, multicast or otherwise special address (v4, v6, and v4 inside v6). */
bool http_address_public(const struct sockaddr *address);

struct http_client;

#define HTTP_CLIENT_CALLS 64

struct http_call {
    const char *url;            /* these must stay until `done` */
    const char *const *headers; /* "Name: value", NULL-ended */
    struct slice body;
    void (*done)(struct http_call *c);
    void *arg;
    /* The answer: status 0 when there was none, then `error` says why; a constant. */
    int status;
    const char *error;
    size_t received;
    int64_t ms;
};

struct http_client *http_client_new(struct loop *l, const char *const *allow); /* NULL without memory; `allow` must stay */
void http_client_free(struct http_client *h); /* calls under way are forgotten, `done` is not called; accepts NULL */
/* RC_OK: `done` is called later, never from inside. RC_BUSY: HTTP_CLIENT_CALLS are under way; RC_BAD_INPUT: no such target; RC_NOMEM. */
int http_client_post(struct http_client *h, struct http_call *c) RC_MUST;

#endif
