/* What the parts of lib/http share. Three objects:
 *
 *   http_server  one per listener: limits, pools, scratch space, lists of connections.
 *   http_conn    one per socket. It is in one phase at a time; conn_set_phase is the only place that changes it. It dies by
 *                conn_close, which gives up socket and buffers at once; the struct goes at the end of the turn.
 *   http_slot    a request with its arena and bytes, from the pool. It belongs to its task: it outlives its connection when
 *                the client leaves, and its answer when a database call is still in flight.
 *
 * Way of a request: conn_read (socket → bytes) → conn (phases) → request (head → route → body → handler) → reply → conn
 * (answered) → conn_write (bytes → socket). While conn_consume runs, answers are collected and written once at its end. */
#ifndef KHOP_LIB_HTTP_HTTP_PRIVATE_H
#define KHOP_LIB_HTTP_HTTP_PRIVATE_H

#include "khop/base/arena.h"
#include "khop/base/map.h"
#include "khop/http/parse.h"
#include "khop/http/server.h"
#include "khop/tls/tls.h"
#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define CONN_READ_MAX     65536  /* one recv */
#define CONN_WAIT_BYTES   16384  /* of requests that wait for the current one: then stop reading */
#define CONN_WAIT_HEADS   8
#define CONN_TURN_MAX     32     /* requests of one connection in one go */
#define CONN_UNSENT_MAX   262144 /* answers not taken by the client: then start no further request */
#define CONN_LINGER_MS    2000   /* how long an answered client may still send before the socket goes */
#define CONN_ROOM         65536  /* unsent: then the next piece of an answer is asked for */
#define REQ_DEADLINE_MS   30000
#define REQ_PIECE_MAX     65536  /* of a streamed body */
#define REQ_EXTRA_MAX     8192   /* additional answer headers */
#define REPLY_MAX         ((size_t)96 << 20) /* an answer, or several, in memory */
#define SSE_BEHIND_MAX    65536

enum conn_phase {
    CONN_IDLE,   /* waits for the first byte of a request */
    CONN_HEAD,
    CONN_BODY,   /* reads a body */
    CONN_BUSY,   /* the handler works; what comes waits */
    CONN_STREAM, /* server-sent events */
    CONN_FLUSH,  /* writes the last answer */
    CONN_LINGER, /* has said goodbye, waits for the client to do so */
    CONN_CLOSED,
};

struct peer_entry;

struct http_slot {
    struct req req; /* first */
    struct http_server *server;
    struct http_slot *next; /* in the pool */
    struct arena *arena;
    struct buf body;        /* when it did not come with the head; on the heap */
    struct http_head head;
};

struct http_conn {
    struct http_server *server;
    TAILQ_ENTRY(http_conn) link, idle_link, ready_link;
    struct loop_destroy destroy;
    struct event rd, wr;
    int fd;
    enum conn_phase phase;
    bool reading, blocked;     /* rd, wr are added */
    bool consuming, ready;     /* inside conn_consume; on server->ready */
    bool kept;                 /* counted by loop_keep */
    bool fresh;                /* not a byte has come yet */
    bool close_after;          /* close once the answer is out */
    bool body_open;            /* the current request's body has not been read whole */
    bool wants_piece;          /* a streamed request waits in req_body_next */
    bool wants_room;           /* an answer in pieces waits until the client has taken more */
    bool continue_due;         /* 100 Continue is owed when the body is wanted */
    bool eof;                  /* the client sends no more */
    int64_t born, deadline, write_deadline, beat_at; /* monotonic ms; 0 = none */
    int64_t body_since;
    uint64_t body_got, body_left;
    size_t requests;
    struct buf in;             /* bytes that are not used yet */
    size_t in_scanned, in_heads;
    struct buf out, wire;      /* plain answers; what TLS made of them */
    size_t out_sent, wire_sent;
    struct http_slot *slot;    /* the current request */
    struct tls_conn *tls;
    struct http_chunks chunks;
    struct peer_entry *peer;   /* NULL: not counted */
    bool loopback, proxy;
    char peer_text[46];
    struct http_head head;
};

TAILQ_HEAD(conn_list, http_conn);

struct http_server {
    struct loop *loop;
    struct http_config config;
    struct http_limits limits;
    int listener, reserve;     /* reserve: a descriptor to give up at EMFILE */
    struct event accept_event, kick;
    struct loop_timer sweep, pause;
    int64_t next_complaint;    /* about accept */
    bool draining, closed;
    size_t refs;               /* the owner and every slot in use */
    struct conn_list conns, idle, ready; /* idle: longest first */
    struct http_conn *walk;    /* where a walk over conns goes on */
    struct http_stats stats;
    struct http_slot *slots;   /* pool */
    size_t nslots;
    struct buf bufs[64];       /* pool of write buffers */
    size_t nbufs;
    struct map *peers;
    struct gzip *gzip;
    struct route_table *routes;
    int64_t clock_us;          /* 0: not held */
    int64_t common_at;         /* second of `common` */
    int64_t common_clock;      /* server_now when that was last looked at */
    struct buf common;         /* headers of every answer */
    char wire[CONN_READ_MAX];  /* what one recv brought */
    char plain[CONN_READ_MAX]; /* the same, decrypted */
};

/* ---- conn.c ---- */
struct http_conn *conn_open(struct http_server *s, int fd); /* takes fd, also on failure (NULL) */
void conn_close(struct http_conn *c, bool reset);
void conn_set_phase(struct http_conn *c, enum conn_phase phase);
/* Plain bytes have come. */
void conn_feed(struct http_conn *c, struct slice bytes);
/* The client sends no more. */
void conn_eof(struct http_conn *c);
/* conn_resume will run for it soon, outside the caller's stack. */
void conn_schedule(struct http_conn *c);
void conn_resume(struct http_conn *c);
/* The current request has been answered (its bytes are in `out`). */
void conn_answered(struct http_conn *c);
/* Fixed text instead of an answer to a request that could not be read, then close. */
void conn_reject(struct http_conn *c, int status);

/* ---- conn_read.c ---- */
void conn_readable(evutil_socket_t fd, short what, void *arg);
/* Reads or does not, as phase and waiting bytes say. */
void conn_update_reading(struct http_conn *c);

/* ---- conn_write.c ---- */
void conn_writable(evutil_socket_t fd, short what, void *arg);
/* Sends what it can; may close the connection. */
void conn_flush(struct http_conn *c);
static inline size_t conn_unsent(const struct http_conn *c)
{
    return c->out.n - c->out_sent + (c->wire.n - c->wire_sent);
}
/* Gives &c->out or &c->wire memory of the pool, if it has none and there is some. */
void conn_buf_ready(struct http_conn *c, struct buf *b);
void conn_out_release(struct http_conn *c);

/* ---- conn_sweep.c ---- */
void conn_sweep(void *server);

/* ---- request.c ---- */
/* The head in c->head (at `bytes`) is complete. more: bytes follow it. */
void request_begin(struct http_conn *c, struct slice bytes, bool more);
/* Takes body bytes from the front; returns how many. */
size_t request_body(struct http_conn *c, struct slice bytes);
/* Answers the current request with a status of ours. */
void request_refuse(struct req *rq, int status);
/* The client has gone. */
void request_orphan(struct http_slot *slot, struct http_conn *c);
void slot_free(struct http_slot *slot);

/* ---- reply.c ---- */
/* Fixed text for a status. */
int reply_plain(struct req *rq, int status);
/* The answer to nobody's request: bytes only. Without body if it was a HEAD as far as it could be read. */
void reply_reject(struct http_server *s, struct buf *out, int status, bool body);
/* Head of an answer whose body of `length` bytes follows. */
void reply_head(struct req *rq, int status, const char *type, int64_t length);
/* Head of an event stream. */
void reply_stream_head(struct req *rq, struct buf *out);
/* Calls http_config.done. */
void reply_done(const struct req *rq);

/* ---- reply_pieces.c ---- */
/* There may be room for the next piece. */
void pieces_resume(struct http_conn *c);
/* The task has failed between two pieces. */
void pieces_abort(struct req *rq);

/* ---- gzip.c ---- */
struct gzip;
void gzip_free(struct gzip *g);
/* The compressed form in the arena, p == NULL if it would not be smaller or there is no memory. *g is made when NULL. */
struct slice gzip_pack(struct gzip **g, struct arena *arena, struct slice body);

/* ---- route.c ---- */
struct route_table;
struct route_table *route_table_new(const struct route *routes, size_t n);
void route_table_free(struct route_table *t);
/* The first route for the path with this method, parameters set. NULL: *allow has the methods of those that fit, as bits
 * 1 << method (0: no such path). */
const struct route *route_find(const struct route_table *t, enum http_method method, struct slice path,
                               struct slice params[REQ_PARAMS_MAX], unsigned *allow);

/* ---- peers.c ---- */
/* Fills peer_text, loopback, proxy; counts the address. RC_BUSY: it has enough. */
int peer_enter(struct http_conn *c, const struct sockaddr_storage *from) RC_MUST;
void peer_leave(struct http_conn *c);
/* Sets peer, secure and loopback of a request, by what a trusted proxy says. */
void peer_of_request(struct req *rq, const struct http_conn *c);
/* The request id is the trace that the client goes on with, if it says one (W3C Trace Context). */
void req_trace(struct req *rq);

/* ---- accept.c ---- */
int accept_start(struct http_server *s) RC_MUST;
void accept_stop(struct http_server *s);

/* ---- server.c ---- */
/* Monotonic. Read once for all that one read of a socket brings: between server_clock_hold and server_clock_drop. */
int64_t server_now(const struct http_server *s); /* ms, as loop_now_ms */
int64_t server_now_us(const struct http_server *s);
int64_t server_clock_us(void); /* asks the clock */
void server_clock_hold(struct http_server *s);
void server_clock_drop(struct http_server *s);
void server_unref(struct http_server *s);

/* ---- sse.c ---- */
/* The client has gone, or we end it: tells the owner, ends the task. */
void sse_gone(struct req *rq);
/* The same, but soon and outside the caller's stack: the owner may end other streams when he hears of it. */
void sse_end_soon(struct http_conn *c);
/* The connection of a stream was scheduled. */
void sse_resume(struct http_conn *c);
void sse_beat(struct http_conn *c, int64_t now);

#endif
