/* What makes two deliveries the same movement of money (security.md §2 rule 4): a hash over the decoded business
 * fields. Memo, reference, balance and counterparty stay out: providers fill them in later, and they decide no sum. */
#include "common.h"

#include "khop/base/banned.h"

#define HASH_TEXT_MAX 4096

static void put_field(struct buf *b, struct slice s)
{
    buf_put_i64(b, (int64_t)s.n);
    buf_putc(b, ':');
    buf_put_slice(b, s);
    buf_putc(b, ';');
}

int event_hash(struct arena *arena, int provider, struct slice key1, struct slice key2, struct notice_event *e)
{
    struct buf b;

    buf_init_arena(&b, arena, HASH_TEXT_MAX);
    buf_puts(&b, "khop-event-1;");
    put_field(&b, slice_of(provider_name(provider)));
    put_field(&b, key1);
    put_field(&b, key2);
    buf_puts(&b, e->direction == NOTICE_IN ? "in;" : "out;");
    buf_put_i64(&b, e->amount);
    buf_puts(&b, ";VND;");
    put_field(&b, e->account);
    buf_put_i64(&b, e->time_us);
    if (b.failed)
        return RC_NOMEM;
    return crypto_sha256(buf_slice(&b), e->body_hash);
}
