/* The other side: a notice exactly as its provider would send it. For `khop notice send`, the demo, tests and benches.
 */
#ifndef KHOP_PROVIDER_SIGN_H
#define KHOP_PROVIDER_SIGN_H

#include "khop/provider/provider.h"

#define SIGNED_HEADERS_MAX 6

struct signed_notice {
    const char *suffix; /* behind the connection's URL, "" but for VietQR.vn */
    struct {
        const char *name;
        struct slice value;
    } headers[SIGNED_HEADERS_MAX]; /* Content-Type among them */
    size_t n_headers;
    struct slice body;
};

/* `secret` as for provider_secret_new, but "whsk_" + base64 of the 32-byte seed for PROVIDER_STANDARD_ED25519 (v1a).
 * Of an event are used: ext_id, direction, amount, account, sub_account, reference, time_us, memo, balance,
 * counterparty. ext_id: digits for SePay and Casso; payOS the payment link's id (the key that comes out is id +
 * reference); VietQR.vn the reference number; Standard Webhooks the message id. Only Casso v1 carries several events;
 * payOS knows no money out. VietQR.vn's bearer token is made from the secret, as the server would have issued it at
 * now_us. RC_BAD_INPUT where the format cannot say it; RC_NOMEM; RC_INTERNAL. Everything lives in the arena. */
int provider_sign(int mode, struct slice secret, int64_t now_us, const struct notice_event *events, size_t n,
                  struct arena *arena, struct signed_notice *out) RC_MUST;
/* VietQR.vn's call for a token. */
int provider_sign_token_call(struct slice secret, struct arena *arena, struct signed_notice *out) RC_MUST;

#endif
