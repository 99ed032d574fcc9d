#include "khop/http/client.h"

#include "khop/base/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define CONNECT_MS  5000L
#define TOTAL_MS    10000L
#define ANSWER_MAX  (64 * 1024)

struct flight {
    struct http_client *client;
    struct http_call *call;
    CURL *easy;
    struct curl_slist *headers;
    bool refused, allowed;
    int64_t began_ms;
};

/* One per socket that curl watches. */
struct watch {
    struct event *event;
};

struct http_client {
    struct loop *loop;
    const char *const *allow;
    CURLM *multi;
    struct loop_timer timer;
    size_t n;
    struct flight flights[HTTP_CLIENT_CALLS];
};

/* --- what curl asks of us --- */

/* Here, and nowhere before, stands the address that is really connected to. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct flight *f = arg;

    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (!f->allowed && !http_address_public(&address->addr)) {
        f->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The answer is counted, not kept. */
static size_t take_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct flight *f = arg;

    (void)bytes;
    f->call->received += size * n;
    return f->call->received > ANSWER_MAX ? 0 : size * n;
}

static void flight_end(struct flight *f)
{
    curl_multi_remove_handle(f->client->multi, f->easy);
    curl_easy_cleanup(f->easy);
    curl_slist_free_all(f->headers);
    f->easy = NULL;
    f->headers = NULL;
    f->client->n--;
}

static const char *why(const struct flight *f, CURLcode code)
{
    if (f->refused)
        return "address_refused";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "no_such_host";
    case CURLE_COULDNT_CONNECT:
        return "not_reached";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "tls";
    default:
        return "broken";
    }
}

static void finish(struct http_client *h)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct flight *f = NULL;
        long status = 0;

        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode code = m->data.result;

        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
        curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        struct http_call *c = f->call;

        /* A longer answer than we read is an answer. */
        c->status = code == CURLE_OK || (code == CURLE_WRITE_ERROR && status > 0) ? (int)status : 0;
        c->error = c->status != 0 ? NULL : why(f, code);
        c->ms = clock_mono_ms() - f->began_ms;
        flight_end(f);
        c->done(c);
    }
}

/* --- the loop --- */

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct http_client *h = arg;
    int running, mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

    curl_multi_socket_action(h->multi, fd, mask, &running);
    finish(h);
}

static void on_timer(void *arg)
{
    struct http_client *h = arg;
    int running;

    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    struct http_client *h = arg;

    (void)multi;
    if (ms < 0) {
        loop_timer_stop(&h->timer);
        return 0;
    }
    return loop_timer_start(h->loop, &h->timer, ms, false, on_timer, h) < 0 ? -1 : 0;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
    struct http_client *h = arg;
    struct watch *w = of_socket;
    short events = EV_PERSIST;

    (void)easy;
    if (w != NULL) {
        event_free(w->event);
        w->event = NULL;
    }
    if (what == CURL_POLL_REMOVE) {
        free(w);
        return 0;
    }
    if (w == NULL && (w = calloc(1, sizeof *w)) == NULL)
        return -1;
    events = (short)(events | (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
    w->event = event_new(loop_base(h->loop), fd, events, on_socket, h);
    if (w->event == NULL || event_add(w->event, NULL) < 0) {
        if (w->event != NULL)
            event_free(w->event);
        free(w);
        curl_multi_assign(h->multi, fd, NULL);
        return -1;
    }
    curl_multi_assign(h->multi, fd, w);
    return 0;
}

struct http_client *http_client_new(struct loop *l, const char *const *allow)
{
    struct http_client *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    h->loop = l;
    h->allow = allow;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(h);
        return NULL;
    }
    h->multi = curl_multi_init();
    if (h->multi == NULL) {
        http_client_free(h);
        return NULL;
    }
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    return h;
}

void http_client_free(struct http_client *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < HTTP_CLIENT_CALLS; i++) {
        if (h->flights[i].easy != NULL)
            flight_end(&h->flights[i]);
    }
    if (h->multi != NULL)
        curl_multi_cleanup(h->multi);
    loop_timer_stop(&h->timer);
    curl_global_cleanup();
    free(h);
}

/* --- a call --- */

static bool set_up(struct flight *f, bool allowed)
{
    const struct http_call *c = f->call;
    CURL *e = f->easy;
    bool good = true;

    for (size_t i = 0; c->headers[i] != NULL; i++) {
        struct curl_slist *more = curl_slist_append(f->headers, c->headers[i]);

        if (more == NULL)
            return false;
        f->headers = more;
    }
#define SET(option, value) good = good && curl_easy_setopt(e, option, value) == CURLE_OK
    SET(CURLOPT_PRIVATE, (void *)f);
    SET(CURLOPT_URL, c->url);
    SET(CURLOPT_PROTOCOLS_STR, allowed ? "https,http" : "https");
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, c->body.p);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.n);
    SET(CURLOPT_HTTPHEADER, f->headers);
    SET(CURLOPT_USERAGENT, "khop");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, TOTAL_MS);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, f);
    SET(CURLOPT_WRITEFUNCTION, take_answer);
    SET(CURLOPT_WRITEDATA, f);
#undef SET
    return good;
}

int http_client_post(struct http_client *h, struct http_call *c)
{
    struct slice url = slice_of(c->url);
    struct flight *f = NULL;

    if (http_target_fault(url, h->allow) != NULL)
        return RC_BAD_INPUT;
    for (size_t i = 0; i < HTTP_CLIENT_CALLS && f == NULL; i++) {
        if (h->flights[i].easy == NULL)
            f = &h->flights[i];
    }
    if (f == NULL)
        return RC_BUSY;
    *f = (struct flight){ .client = h, .call = c, .easy = curl_easy_init(), .began_ms = clock_mono_ms() };
    if (f->easy == NULL)
        return RC_NOMEM;
    c->status = 0;
    c->received = 0;
    c->error = NULL;
    f->allowed = http_target_fault(url, NULL) != NULL; /* only the list lets it through */
    h->n++;
    if (!set_up(f, f->allowed) || curl_multi_add_handle(h->multi, f->easy) != CURLM_OK) {
        flight_end(f);
        return RC_NOMEM;
    }
    return RC_OK;
}
