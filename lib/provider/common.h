/* What the formats share: proof by secrets, typed members read with one sticky fault, verdicts. Private to
 * lib/provider. */
#ifndef KHOP_PROVIDER_COMMON_H
#define KHOP_PROVIDER_COMMON_H

#include "doc.h"
#include "khop/base/secret.h"
#include "khop/provider/provider.h"

struct provider_secret {
    int mode;
    struct mac *mac; /* signatures; VietQR.vn: signs tokens */
    struct ed25519 *key;
    struct secret plain; /* API keys; VietQR.vn: "user:password" */
};

/* One check under way. */
struct check {
    int mode;
    struct provider_secret *const *secrets;
    size_t n_secrets;
    const struct notice_in *in;
    struct arena *arena;
    struct notice_verdict *v;
};

/* Verdicts; each returns RC_OK, so that a format can end in one. Reasons are constants. */
int check_accept(struct check *c, struct notice_event *events, size_t n);
int check_hold(struct check *c, const char *reason, struct slice ext_id);
int check_ignore(struct check *c, const char *reason);
int check_reject(struct check *c, int status, const char *reason);

/* A header that must come exactly once. False: the verdict is set (absent: 401 with `reason`; repeated: 400). */
bool check_header(struct check *c, const char *name, const char *reason, struct slice *value);
/* Media type and coding of the body. False: the verdict is set (415). An absent type counts as JSON. */
bool check_is_json(struct check *c);
enum media { MEDIA_JSON, MEDIA_FORM, MEDIA_PARTS, MEDIA_OTHER };
enum media check_media(const struct check *c);

/* Proofs try every secret to the end. RC_OK (v->secret is set), RC_UNAUTHORIZED, or RC_INTERNAL. */
int prove_plain(struct check *c, struct slice given);
/* MAC over parts against the n given ones (each of the MAC's size). */
struct proof {
    uint8_t bytes[SHA512_SIZE];
    size_t n;
};
int prove_mac(struct check *c, const struct slice *parts, size_t n_parts, const struct proof *given, size_t n_given);
/* Hex of exactly n bytes; false for anything else. */
bool proof_from_hex(struct proof *p, struct slice hex, size_t n);

/* Typed members of one JSON object. The first fault sticks; `missing` says that it was an absent member or one of
 * another JSON type, which some schemes answer with 400. NULL counts as absent. */
struct fields {
    const struct doc *doc;
    const struct doc_node *object;
    const char *fault; /* constant reason, NULL while all is well */
    bool missing;
    int rc; /* RC_NOMEM */
};

/* object may be NULL, or none: then nothing is there. */
struct fields fields_of(const struct doc *d, const struct doc_node *object);
void fields_fault(struct fields *f, const char *reason, bool missing);
/* The first of the two names (alt may be NULL) that is there and not null; both there and different is a fault. */
const struct doc_node *fields_get(struct fields *f, const char *name, const char *alt);
/* Cleaned text; empty if absent. Of another type: a fault. */
struct slice fields_text(struct fields *f, const char *name, const char *alt);
/* Text that must be there, not empty, without control characters, at most max bytes. */
struct slice fields_id(struct fields *f, const char *name, const char *alt, size_t max, const char *reason);
/* A number member that serves as an id: 0 or more, as text. */
struct slice fields_number_id(struct fields *f, const char *name);
/* 1 … NOTICE_AMOUNT_MAX. fields_signed also takes negative ones (out), fields_digits also a string of digits. */
int64_t fields_amount(struct fields *f, const char *name);
int64_t fields_signed_amount(struct fields *f, const char *name);
int64_t fields_amount_or_digits(struct fields *f, const char *name);
/* Local time text, +07:00. */
int64_t fields_local_time(struct fields *f, const char *name);
/* A running balance where there is one; anything unusable is none. */
void fields_balance(const struct fields *f, const char *name, bool zero_is_none, struct notice_event *e);

/* No control characters. */
bool text_is_plain(struct slice s);

/* The business hash of an event. key2 is the second part of a key of two parts (payOS), else empty. */
int event_hash(struct arena *arena, int provider, struct slice key1, struct slice key2, struct notice_event *e) RC_MUST;

/* What a fault in the fields becomes: 400 where it was an absent or otherwise typed member and the scheme must parse to
 * verify (`parsed_first`), else a hold. Only with f->fault set. */
int check_fault(struct check *c, const struct fields *f, bool parsed_first, struct slice ext_id) RC_MUST;
/* doc_read for a notice: *read is false when a verdict was set, a hold if the sender is proven already, else 400. */
int check_read(struct check *c, struct doc *d, bool proven, bool *read) RC_MUST;

/* A form (application/x-www-form-urlencoded) as an object of strings; the members named in `numbers` (ended by NULL)
 * become integers where they are digits. RC_BAD_INPUT, RC_NOMEM. */
int form_read(struct doc *d, struct arena *arena, struct slice body, const char *const *numbers) RC_MUST;
/* The same of a whole multipart/form-data body; `type` is the value of its Content-Type. */
int form_read_parts(struct doc *d, struct arena *arena, struct slice type, struct slice body, const char *const *numbers) RC_MUST;

/* |now − then| within the tolerance. */
bool time_is_near(int64_t now, int64_t then, int64_t tolerance);

int sepay_check(struct check *c) RC_MUST;
int casso_v1_check(struct check *c) RC_MUST;
int casso_v2_check(struct check *c) RC_MUST;
int payos_check(struct check *c) RC_MUST;
int vietqrvn_check(struct check *c) RC_MUST;
int standard_check(struct check *c) RC_MUST;
/* What a proven body says. */
int casso_decode(struct check *c, const struct doc *d) RC_MUST;
int payos_decode(struct check *c, const struct doc *d) RC_MUST;
int standard_decode(struct check *c, const struct doc *d) RC_MUST;

/* Signed forms, shared with the signer. */
int casso_v2_text(const struct doc *d, struct buf *out) RC_MUST;
/* RC_BAD_INPUT: the provider's own code would fail on it. */
int payos_text(const struct doc *d, uint32_t data, struct buf *out) RC_MUST;
int vietqrvn_key(struct slice user_password, struct mac **out) RC_MUST;
int vietqrvn_token(const struct mac *key, int64_t now_s, struct arena *arena, struct slice *out) RC_MUST;
int vietqrvn_answer(enum provider_outcome outcome, const struct notice_verdict *v, const char *ref, struct arena *arena,
                    struct provider_reply *out) RC_MUST;

#endif
