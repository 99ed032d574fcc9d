/* The second factor: its code (or a recovery code, or of who has none the password) to complete a session or to prove again that it
 * is really the person; and setting one up. */
#include "door.h"

#include "khop/auth/password.h"
#include "khop/auth/totp.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/print/qr.h"
#include "khop/web/entry.h"
#include "khop/web/locale.h"

#include "khop/base/banned.h"

#define QR_MAX (64 * 1024)

static const char *const PROOF_MEMBERS[] = { "code", "password", "next", "kept", NULL };
static const char *const ENROL_MEMBERS[] = { "code", "sealed", "next", NULL };

struct factor {
    struct slice token, code, password;
    struct flow_proof proof;
    struct flow_self self;
    struct flow_proven how;
    const char *secret;
    struct slice hash;
    uint8_t recovery[SHA256_SIZE];
    struct slice sealed;
    char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE];
    uint8_t hashes[RECOVERY_CODES][SHA256_SIZE];
};

/* --- proving to be there --- */

int door_factor(struct req *rq, struct slice login, bool totp, bool again)
{
    json_t *doc = json_pack("{s:s, s:b, s:b}", "next", door_next(rq), "again", again, "with_password", !totp);

    api_set_slice(doc, "login", login);
    if (rq->desk->page)
        json_object_set_new(doc, "action", json_string(again ? "/login/again" : "/login/factor"));
    return desk_reply_bare(rq, 200, "factor.html", doc);
}

static int factor_shown(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_self self;
    int rc = flow_self_read(t, &self);
    bool again = slice_is(rq->path, "/login/again");

    if (rc == RC_UNAUTHORIZED && rq->desk->page)
        return desk_redirect(rq, SLICE("/login"));
    if (rc < 0)
        return rc;
    if (rq->desk->page && self.stage == 1 && !self.totp)
        return desk_redirect(rq, slice_of(door_path(rq, "/login/enrol")));
    if (rq->desk->page && self.stage == 2 && !again)
        return desk_redirect(rq, slice_of(door_next(rq)));

    return door_factor(rq, self.login, self.totp, again);
}

int web_factor(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct slice token;
    int rc = door_session(rq, &token);

    return rc != RC_OK ? desk_over(rc) : flow_self(&rq->task, rq->app, token, &v, factor_shown);
}

static int proven(struct task *t)
{
    struct req *rq = req_of(t);
    const struct factor *s = t->state;
    int rc = flow_rc_read(t);

    if (rc == RC_UNAUTHORIZED) {
        auth_login_failed(door_flow(rq)->auth, rq);
        return s->proof.totp_sealed.n > 0 ? desk_refuse_as(rq, 401, "/code", "unauthorized", "This code is not right, or was used before.")
                                          : desk_refuse_as(rq, 401, "/password", "unauthorized", "This password is not right.");
    }
    if (rc < 0)
        return rc;
    auth_device_set(rq, s->proof.user_id);
    return kept_enter(rq, s->proof.user_id, s->secret, s->hash, FLOW_DONE);
}

static int prove(struct task *t)
{
    struct req *rq = req_of(t);
    struct factor *s = t->state;
    struct flow_visitor v = door_visitor(rq);
    int rc = door_secret(rq, &s->secret, &s->hash);

    return rc < 0 ? rc : flow_proof_end(t, rq->app, s->token, &s->how, s->hash, &v, proven);
}

static int password_checked(struct task *t)
{
    struct factor *s = t->state;

    s->how.password = ((const struct auth_hashed *)t->result)->match;
    return prove(t);
}

/* Six digits are a code of the app, everything else is taken for a recovery code. */
static int code_check(struct req *rq, struct factor *s)
{
    uint8_t secret[TOTP_SECRET_SIZE];
    int rc;

    if (s->code.n > 10) {
        if (recovery_hash(s->code, s->recovery) == RC_OK)
            s->how.recovery = (struct slice){ (const char *)s->recovery, SHA256_SIZE };
        return RC_OK;
    }
    rc = totp_open(door_flow(rq)->auth, s->proof.user_id, s->proof.totp_sealed, secret);
    if (rc == RC_OK)
        rc = totp_check(secret, s->code, clock_wall_us() / CLOCK_US, s->proof.totp_step, &s->how.step);
    explicit_bzero(secret, sizeof secret);
    return rc == RC_UNAUTHORIZED ? RC_OK : rc; /* wrong: the database is told so */
}

static int proof_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct factor *s = t->state;
    int rc = flow_proof_read(t, &s->proof);

    if (rc == RC_BUSY)
        return door_wait(rq, s->proof.wait_s);
    if (rc == RC_UNAUTHORIZED && rq->desk->page)
        return desk_redirect(rq, SLICE("/login"));
    if (rc < 0)
        return rc;
    if (s->proof.totp_sealed.n == 0) {
        rc = auth_password_check(t, door_flow(rq)->auth, s->password, s->proof.password, s->proof.pepper, password_checked);
        return rc == RC_BUSY ? door_wait(rq, 5) : rc;
    }
    rc = code_check(rq, s);
    return rc < 0 ? rc : prove(t);
}

int web_factor_post(struct req *rq)
{
    struct factor *s = task_state(&rq->task, sizeof *s);
    struct slice next;
    struct api_in in;
    int rc = s == NULL ? RC_NOMEM : door_session(rq, &s->token);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_factor);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", PROOF_MEMBERS);
    api_in_text(&in, NULL, "/code", 0, 64, &s->code);
    api_in_text(&in, NULL, "/password", 0, AUTH_PASSWORD_MAX, &s->password);
    api_in_text(&in, NULL, "/next", 0, 2048, &next);
    kept_read(&in);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    return auth_logins_over(door_flow(rq)->auth, rq) ? door_wait(rq, 900)
                                                     : flow_proof_begin(&rq->task, rq->app, s->token, proof_known);
}

/* --- setting one up --- */

static int set_qr(struct req *rq, json_t *doc, struct slice uri)
{
    int language = locale_language(rq->desk->lang);
    struct print_qr qr;
    struct buf svg;
    int rc = print_qr_make(&qr, uri, PRINT_QR_M);

    if (rc < 0)
        return rc;
    buf_init_arena(&svg, rq->task.arena, QR_MAX);
    print_qr_svg(&svg, &qr, locale_get(language, "enrol.qr"));
    print_qr_release(&qr);
    if (!svg.failed)
        json_object_set_new(doc, "qr_markup", json_stringn(svg.p, svg.n));
    return svg.failed ? RC_NOMEM : RC_OK;
}

static struct slice host_of(const char *origin)
{
    const char *p = strstr(origin, "://");
    struct slice rest = slice_of(p == NULL ? origin : p + 3);

    return slice_cut(&rest, ':');
}

/* The secret of a form that is shown again stays the same; otherwise a new one. */
static int enrol_secret(struct req *rq, int64_t user_id, uint8_t secret[TOTP_SECRET_SIZE], uint8_t sealed[TOTP_SEALED_SIZE])
{
    const json_t *before = json_object_get(rq->desk->values, "sealed");
    size_t n = 0;
    int rc;

    if (json_is_string(before) &&
        dec_base64url((struct slice){ json_string_value(before), json_string_length(before) }, sealed, TOTP_SEALED_SIZE, &n) == RC_OK &&
        totp_open(door_flow(rq)->auth, user_id, (struct slice){ (const char *)sealed, n }, secret) == RC_OK)
        return RC_OK;
    rc = crypto_random(secret, TOTP_SECRET_SIZE);
    return rc < 0 ? rc : totp_seal(door_flow(rq)->auth, user_id, secret, sealed);
}

static int enrol_doc(struct req *rq, const struct flow_self *self, json_t *doc)
{
    uint8_t secret[TOTP_SECRET_SIZE], sealed[TOTP_SEALED_SIZE];
    struct buf text, uri, box;
    int rc = enrol_secret(rq, self->user_id, secret, sealed);

    if (rc < 0)
        return rc;
    buf_init_arena(&text, rq->task.arena, 64);
    buf_init_arena(&uri, rq->task.arena, 512);
    buf_init_arena(&box, rq->task.arena, 128);
    totp_text(&text, secret);
    totp_uri(&uri, secret, self->login, host_of(door_flow(rq)->origin));
    enc_base64url(&box, sealed, sizeof sealed);
    explicit_bzero(secret, sizeof secret);
    if (text.failed || uri.failed || box.failed)
        return RC_NOMEM;
    api_set_slice(doc, "secret", buf_slice(&text));
    api_set_slice(doc, "uri", buf_slice(&uri));
    api_set_slice(doc, "sealed", buf_slice(&box));
    return rq->desk->page ? set_qr(rq, doc, buf_slice(&uri)) : RC_OK;
}

static int enrol_shown(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_self self;
    int rc = flow_self_read(t, &self);

    if (rc == RC_UNAUTHORIZED && rq->desk->page)
        return desk_redirect(rq, SLICE("/login"));
    if (rc < 0)
        return rc;
    if (rq->desk->page && self.stage == 1 && self.totp)
        return desk_redirect(rq, slice_of(door_path(rq, "/login/factor")));
    if (self.stage == 2 && !self.fresh)
        return RC_STALE;

    json_t *doc = json_pack("{s:s, s:b}", "next", self.stage == 2 ? "/me" : door_next(rq), "owed", self.stage == 1);

    api_set_slice(doc, "login", self.login);
    rc = enrol_doc(rq, &self, doc);
    if (rc < 0) {
        json_decref(doc);
        return rc;
    }
    return desk_reply_bare(rq, 200, "enrol.html", doc);
}

int web_enrol(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct slice token;
    int rc = door_session(rq, &token);

    return rc != RC_OK ? desk_over(rc) : flow_self(&rq->task, rq->app, token, &v, enrol_shown);
}

static int enrolled(struct task *t)
{
    struct req *rq = req_of(t);
    struct factor *s = t->state;
    json_t *doc, *codes = json_array();
    int rc = flow_rc_read(t);

    if (rc < 0) {
        json_decref(codes);
        return rc;
    }
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        json_array_append_new(codes, json_string(s->codes[i]));
    explicit_bzero(s->codes, sizeof s->codes);
    auth_session_set(rq, s->secret);
    auth_device_set(rq, s->self.user_id);
    /* Forms of this page belong to the session as it is now. */
    rq->desk->token_hash = s->hash;
    doc = json_pack("{s:o, s:s}", "recovery_codes", codes, "next", door_next(rq));
    return desk_reply_bare(rq, 200, "recovery.html", doc);
}

/* The first code of the app shows that the secret has arrived there. */
static int enrol_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct factor *s = t->state;
    struct flow_visitor v = door_visitor(rq);
    struct slice hashes[RECOVERY_CODES];
    uint8_t secret[TOTP_SECRET_SIZE];
    int64_t step = 0;
    int rc = flow_self_read(t, &s->self);

    if (rc < 0)
        return rc;
    rc = totp_open(door_flow(rq)->auth, s->self.user_id, s->sealed, secret);
    if (rc == RC_UNAUTHORIZED)
        return RC_BAD_INPUT;
    if (rc == RC_OK)
        rc = totp_check(secret, s->code, clock_wall_us() / CLOCK_US, 0, &step);
    explicit_bzero(secret, sizeof secret);
    if (rc == RC_UNAUTHORIZED)
        return desk_refuse(rq, "/code", "code", "This is not the code that belongs to it. Please look at the app once more, and at the clock of the phone.");
    for (size_t i = 0; rc == RC_OK && i < RECOVERY_CODES; i++) {
        rc = recovery_make(s->codes[i], s->hashes[i]);
        hashes[i] = (struct slice){ (const char *)s->hashes[i], SHA256_SIZE };
    }
    if (rc == RC_OK)
        rc = door_secret(rq, &s->secret, &s->hash);
    return rc < 0 ? rc : flow_factor_set(t, rq->app, s->token, s->sealed, step, hashes, RECOVERY_CODES, s->hash, &v, enrolled);
}

int web_enrol_post(struct req *rq)
{
    struct factor *s = task_state(&rq->task, sizeof *s);
    struct flow_visitor v = door_visitor(rq);
    struct slice next, sealed;
    struct api_in in;
    uint8_t *box;
    size_t n = 0;
    int rc = s == NULL ? RC_NOMEM : door_session(rq, &s->token);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_enrol);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", ENROL_MEMBERS);
    api_in_text(&in, NULL, "/code", 6, 16, &s->code);
    api_in_text(&in, NULL, "/sealed", 1, 128, &sealed);
    api_in_text(&in, NULL, "/next", 0, 2048, &next);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    box = arena_alloc(rq->task.arena, TOTP_SEALED_SIZE);
    if (box == NULL)
        return RC_NOMEM;
    if (dec_base64url(sealed, box, TOTP_SEALED_SIZE, &n) < 0)
        return RC_BAD_INPUT;
    s->sealed = (struct slice){ (const char *)box, n };
    return flow_self(&rq->task, rq->app, s->token, &v, enrol_known);
}
