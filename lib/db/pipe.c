/* libpq's pipeline: what is owed to us, in order. Each call is one statement and one sync, so that calls fail and commit
 * alone. Its answers are: a result, NULL, the sync; between NULL and sync an error of COMMIT may come (with a NULL of its
 * own). Anything else is out of step, and the connection goes. PQgetResult is asked only when it cannot block. */
#include "internal.h"
#include "khop/base/log.h"
#include <string.h>
#include "khop/base/banned.h"

static bool sent_to_libpq(struct db_conn *c, struct db_call *call)
{
    const struct db_params *p = &call->params;

    if (call->prepare)
        return PQsendPrepare(c->pg, call->stmt->name, call->stmt->text, 0, NULL) == 1;
    return PQsendQueryPrepared(c->pg, call->stmt->name, p->n, p->values, p->lengths, p->formats, 1) == 1;
}

/* While output is left both directions are waited for: the server may be blocked sending to us. */
static int flush(struct db_conn *c)
{
    int left = PQflush(c->pg);

    if (left < 0)
        return RC_IO;
    conn_watch(c, true, left > 0);
    return RC_OK;
}

int pipe_send(struct db_conn *c, struct db_call *call)
{
    if (c->broken || !sent_to_libpq(c, call)) {
        c->broken = true;
        return RC_UNAVAILABLE;
    }
    call->phase = PHASE_RESULT;
    call->conn = c;
    call->doubt = false;
    call->attempts++;
    call->sent_ms = loop_now_ms(c->db->loop);
    TAILQ_INSERT_TAIL(&c->sent, call, link);
    c->in_flight++;
    /* From here on the server may have seen it, whatever fails. */
    if (PQpipelineSync(c->pg) != 1 || flush(c) < 0)
        c->broken = true;
    return RC_OK;
}

static void finish(struct db_conn *c, struct db_call *call, struct db_outcome o)
{
    TAILQ_REMOVE(&c->sent, call, link);
    c->in_flight--;
    call->phase = PHASE_IDLE;
    call->done(call, &o); /* may send it again: it owns itself from here on */
}

/* The call is over: the sync has been answered. */
static void synced(struct db_conn *c, struct db_call *call)
{
    struct db_outcome o = db_outcome_of(call->res, call->doubt);

    c->progress_ms = loop_now_ms(c->db->loop);
    finish(c, call, o);
}

/* One answer of libpq for the first call in the FIFO; false: out of step. */
static bool take(struct db_conn *c, struct db_call *call, PGresult *res)
{
    ExecStatusType status = res == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(res);

    switch (call->phase) {
    case PHASE_RESULT:
        if (res == NULL || status == PGRES_PIPELINE_SYNC)
            break;
        call->res = res;
        call->phase = PHASE_END;
        return true;
    case PHASE_END:
        if (res != NULL)
            break;
        call->phase = PHASE_SYNC;
        return true;
    case PHASE_SYNC:
        if (status == PGRES_PIPELINE_SYNC) {
            PQclear(res);
            synced(c, call);
            return true;
        }
        if (status == PGRES_FATAL_ERROR) { /* COMMIT failed: that is the result */
            PQclear(call->res);
            call->res = res;
            call->phase = PHASE_END;
            return true;
        }
        break;
    case PHASE_IDLE:
        break;
    }
    PQclear(res);
    return false;
}

static int drain(struct db_conn *c)
{
    while (!PQisBusy(c->pg)) {
        struct db_call *call = TAILQ_FIRST(&c->sent);

        if (call == NULL)
            return RC_OK;
        if (!take(c, call, PQgetResult(c->pg))) {
            if (PQstatus(c->pg) != CONNECTION_OK) /* libpq has nothing more to give, and says it out of turn */
                return RC_IO;
            log_error("db_out_of_step", "stmt=%s phase=%d", call->stmt->name, (int)call->phase);
            return RC_INTERNAL;
        }
    }
    return RC_OK;
}

int pipe_turn(struct db_conn *c, bool readable)
{
    /* What arrived before the end of the stream still counts. */
    bool alive = !readable || PQconsumeInput(c->pg) == 1;
    int rc = drain(c);

    if (rc == RC_OK && (!alive || c->broken || PQstatus(c->pg) != CONNECTION_OK))
        rc = RC_IO;
    return rc == RC_OK ? flush(c) : rc;
}

void pipe_abort(struct db_conn *c)
{
    struct db_call *call;

    /* Last first, so that calls put back at the head of a queue keep their order. */
    while ((call = TAILQ_LAST(&c->sent, db_calls)) != NULL) {
        struct db_outcome o = db_outcome_of(call->res, call->doubt);

        if (o.class == DB_DONE) /* its rows came, its commit is not proven */
            o = db_outcome_of(NULL, false);
        finish(c, call, o);
    }
}

void pipe_notice(void *arg, const PGresult *res)
{
    struct db_conn *c = arg;
    struct db_call *call = TAILQ_FIRST(&c->sent);
    const char *source = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

    /* "canceling wait for synchronous replication": known by where it comes from, for its words may be translated. */
    if (call != NULL && source != NULL && strcmp(source, "SyncRepWaitForLSN") == 0)
        call->doubt = true;
}
