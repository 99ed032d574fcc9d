/* Result codes. 0 is success, negative is a failure; a function names the few that its callers must expect.
 * Library code returns codes and does not log: whoever owns the outcome logs it once and turns it into an answer. */
#ifndef KHOP_BASE_RC_H
#define KHOP_BASE_RC_H

enum rc {
    RC_OK = 0,
    RC_BAD_INPUT = -1,    /* what was sent breaks a rule of its format */
    RC_TOO_LARGE = -2,    /* over a stated limit */
    RC_NOMEM = -3,
    RC_NOT_FOUND = -4,
    RC_CONFLICT = -5,     /* contradicts something stored (same idempotency key, other body …) */
    RC_UNAUTHORIZED = -6, /* who is it: no, wrong or expired proof */
    RC_FORBIDDEN = -7,    /* known, but not allowed */
    RC_UNAVAILABLE = -8,  /* nothing was done; try again later */
    RC_TIMEOUT = -9,
    RC_UNKNOWN = -10,     /* it may or may not have been done: submit again with the same key */
    RC_INTERNAL = -11,    /* a fault of ours */
    RC_IO = -12,
    RC_BUSY = -13,        /* a bounded queue is full, or the same key is being worked on */
    RC_STALE = -14,       /* known and allowed, but must first prove again to be there (security.md §4, step-up) */
};

#define RC_MUST __attribute__((warn_unused_result))

/* A constant name for logs ("bad_input"); "unknown_rc" for a number that is none of ours. */
const char *rc_name(int rc);

#endif
