/* Bank notices as providers send them: who sent it, what it says, what to answer. No I/O and no clock: time, headers
 * and body are parameters, so the server, `khop notice check`, tests and fuzzers run the same code.
 *
 * provider_check proves the sender first, with every active secret of the connection, and only then looks at what is
 * said. Its verdict is one of four: accept   events to settle, all or none (possibly for a foreign account: see
 * notice_names_account); hold     authentic but unusable: keep the raw body, open an exception, book nothing, answer
 * 2xx; ignore   authentic and nothing to book: answer 2xx; reject   not proven or not readable: answer v->status, keep
 * nothing. Sources: reference providers.md (formats), security.md §2 (what bad input gets), design.md §8
 * (bank.transaction). */
#ifndef KHOP_PROVIDER_PROVIDER_H
#define KHOP_PROVIDER_PROVIDER_H

#include "khop/base/arena.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/crypto/crypto.h"
#include <stdbool.h>
#include <stdint.h>

/* Numbers are stored in the database. */
enum provider {
    PROVIDER_SEPAY = 1,
    PROVIDER_CASSO = 2,
    PROVIDER_PAYOS = 3,
    PROVIDER_VIETQRVN = 4,
    PROVIDER_STANDARD = 5,
    PROVIDER_STATEMENT = 9, /* a bank file: no notices */
    PROVIDER_MANUAL = 10,   /* entered by a person: no notices */
};

enum provider_mode {
    PROVIDER_SEPAY_APIKEY = 1,
    PROVIDER_SEPAY_HMAC = 2,
    PROVIDER_CASSO_V1 = 3,
    PROVIDER_CASSO_V2 = 4,
    PROVIDER_PAYOS_WEBHOOK = 5,
    PROVIDER_VIETQRVN_TOKEN = 6,
    PROVIDER_STANDARD_HMAC = 7,
    PROVIDER_STANDARD_ED25519 = 8,
};

const char *provider_name(int provider);                    /* "sepay" …; NULL for a number that is none */
int provider_by_name(struct slice name);                    /* 0: none */
const char *provider_mode_name(int mode);                   /* "apikey", "hmac", "v1" …; NULL */
int provider_mode_by_name(int provider, struct slice name); /* 0: that provider has no such mode */
int provider_of_mode(int mode);                             /* 0: no such mode */
/* The proof covers the sender only, not the body: reconciliation says so, and plain HTTP is refused but from loopback.
 */
bool provider_mode_is_bearer(int mode);

#define PROVIDER_SECRETS_MAX  3 /* active at once, for rotation (security.md §2) */
#define PROVIDER_TOKEN_LIFE_S 300
#define PROVIDER_TOLERANCE_S  300 /* between a signed time and ours, both ways */

/* One secret of a connection, ready for use: keyed MAC contexts, public key, or the plain key. Not changed by checks.
 */
struct provider_secret;

/* `text` is the secret as configured: SePay API key or HMAC secret; Casso key; payOS checksum key; VietQR.vn
 * "user:password"; Standard Webhooks "whsec_" + base64 (24–64 bytes) or "whpk_" + base64 (32 bytes).
 * RC_BAD_INPUT: not of that form; RC_TOO_LARGE; RC_NOMEM; RC_INTERNAL. Release with provider_secret_free. */
int provider_secret_new(int mode, struct slice text, struct provider_secret **out) RC_MUST;
void provider_secret_free(struct provider_secret *s);

/* A header's value (name in any case), trimmed, p == NULL if absent; *count how often it was sent. */
typedef struct slice (*notice_header_fn)(const void *headers, const char *name, size_t *count);

struct notice_in {
    struct slice path; /* VietQR.vn: decides the call by how it ends; anything in front is not looked at */
    notice_header_fn header;
    const void *headers; /* for header() */
    struct slice body;
    int64_t now_us;
    bool secure;   /* came over TLS */
    bool loopback; /* came from this machine */
};

enum notice_kind { NOTICE_ACCEPT, NOTICE_HOLD, NOTICE_IGNORE, NOTICE_REJECT };
enum notice_direction { NOTICE_IN = 1, NOTICE_OUT = 2 };

#define NOTICE_EVENTS_MAX  256
#define NOTICE_AMOUNT_MAX  INT64_C(999999999999)
#define NOTICE_ID_MAX      200 /* bytes of ext_id */
#define NOTICE_ACCOUNT_MAX 64
#define NOTICE_TEXT_MAX    4096

/* One movement of money. Text is valid UTF-8 without control characters (a NUL in a memo became a space). */
struct notice_event {
    struct slice ext_id; /* the provider's key, unique for ever within account and provider */
    enum notice_direction direction;
    int64_t amount;           /* đồng, 1 … NOTICE_AMOUNT_MAX */
    struct slice account;     /* the receiving account as the provider names it */
    struct slice sub_account; /* virtual account, empty if none */
    struct slice reference;   /* the bank's, empty if none */
    int64_t time_us;
    struct slice memo;
    bool has_balance;
    int64_t balance;
    struct {
        struct slice bin, account, name;
    } counterparty;
    /* SHA-256 over key, direction, amount, account and time: the same for every delivery of the same movement, other
     * when one of them differs (security.md §2 rule 4). */
    uint8_t body_hash[SHA256_SIZE];
};

struct notice_verdict {
    enum notice_kind kind;
    const char *reason; /* a constant: "ok", or why not ("bad_signature", "stale_timestamp", "bad_amount" …) */
    int status;         /* of a reject: 400, 401, 404 or 415; else 0 */
    struct notice_event *events;
    size_t n;
    struct slice ext_id; /* of a held notice, where it could be read; else empty */
    struct slice token;  /* VietQR.vn: a token was asked for and granted; nothing to book */
    bool token_call;     /* VietQR.vn: the token endpoint, granted or not */
    int secret;          /* which secret proved it, -1 if none: a rotation sees when the old one is no longer used */
};

/* RC_OK with a verdict in the arena, whose texts may stand in in->body; RC_NOMEM and RC_INTERNAL are ours and nothing is known (answer 503). */
int provider_check(int mode, struct provider_secret *const *secrets, size_t n_secrets, const struct notice_in *in,
                   struct arena *arena, struct notice_verdict *v) RC_MUST;

/* What a notice that was proven before says, from its kept bytes: accept, hold or ignore; for what settlement had no use for. RC_NOMEM, RC_INTERNAL. */
int provider_reread(int mode, struct slice body, struct arena *arena, struct notice_verdict *v) RC_MUST;
/* Modes whose notices may name the payer's account; how many there are. */
#define PROVIDER_MODES 8
size_t provider_modes_with_payer(int16_t out[PROVIDER_MODES]);

/* True if the event names this account, as its account or as its virtual account (letters in any case). */
bool notice_names_account(const struct notice_event *e, struct slice account_no);

/* What became of an authentic notice, for the answer. */
enum provider_outcome {
    PROVIDER_DONE,        /* booked now or before, held, or ignored: all are 2xx, a repeat gets what the first got */
    PROVIDER_REJECTED,    /* as the verdict says */
    PROVIDER_UNAVAILABLE, /* nothing is stored: come again (the caller adds Retry-After) */
};

struct provider_reply {
    int status;
    const char *type;  /* NULL with an empty body */
    struct slice body; /* in the arena, or constant */
};

/* The answer in the form that this provider wants. `ref` is our id of what was stored (VietQR.vn counts only answers
 * that carry one); NULL where there is none. A granted token is the answer of its call whatever the outcome. RC_NOMEM.
 */
int provider_answer(int mode, enum provider_outcome outcome, const struct notice_verdict *v, const char *ref,
                    struct arena *arena, struct provider_reply *out) RC_MUST;

#endif
