/* Each function says its part as words with a space in front of every word but the first of the whole text. */
#include "khop/pay/words.h"

#include "khop/base/banned.h"

#define BILLION INT64_C(1000000000)

static const char *const digit_words[10] = { "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín" };

struct words {
    struct buf *out;
    size_t start; /* where this text begins in out */
    unsigned style;
};

static void say(struct words *w, const char *word)
{
    if (w->out->n > w->start)
        buf_putc(w->out, ' ');
    buf_puts(w->out, word);
}

/* The last two digits, t ≥ 1 or u ≥ 1 (rules 4 and 5). */
static void say_tens(struct words *w, int t, int u, bool hundred_said)
{
    if (t == 0) {
        if (hundred_said)
            say(w, (w->style & WORDS_LE) != 0 ? "lẻ" : "linh");
        say(w, digit_words[u]);
        return;
    }
    if (t == 1) {
        say(w, "mười");
    } else {
        say(w, digit_words[t]);
        say(w, "mươi");
    }
    if (u == 1 && t >= 2)
        say(w, "mốt");
    else if (u == 4 && t >= 2)
        say(w, "tư");
    else if (u == 5)
        say(w, "lăm");
    else if (u != 0)
        say(w, digit_words[u]);
}

/* A group of three digits that is not zero; `before`: something was said in front of it (rule 3). */
static void say_group(struct words *w, int n, bool before)
{
    bool hundred = n >= 100 || before;

    if (hundred) {
        say(w, digit_words[n / 100]);
        say(w, "trăm");
    }
    if (n % 100 != 0)
        say_tens(w, n / 10 % 10, n % 10, hundred);
}

/* 1 … 999,999,999. */
static void say_millions(struct words *w, int64_t n, bool before)
{
    const char *units[3] = { "triệu", (w->style & WORDS_NGAN) != 0 ? "ngàn" : "nghìn", NULL };
    int64_t size = 1000000;

    for (int i = 0; i < 3; i++, size /= 1000) {
        int group = (int)(n / size % 1000);

        if (group == 0)
            continue;
        say_group(w, group, before);
        if (units[i] != NULL)
            say(w, units[i]);
        before = true;
    }
}

int words_bare(struct buf *out, int64_t n, unsigned style)
{
    struct words w = { out, out->n, style };

    if (n < 0 || n > WORDS_MAX)
        return RC_BAD_INPUT;
    if (n == 0)
        say(&w, digit_words[0]);
    if (n >= BILLION) {
        say_millions(&w, n / BILLION, false); /* the count of tỷ, read by the same rules */
        say(&w, (style & WORDS_TI) != 0 ? "tỉ" : "tỷ");
    }
    if (n % BILLION != 0)
        say_millions(&w, n % BILLION, n >= BILLION);
    return out->failed ? RC_NOMEM : RC_OK;
}

int words_printed(struct buf *out, int64_t n, unsigned style)
{
    size_t start = out->n;
    int rc = words_bare(out, n, style);

    if (rc != RC_OK)
        return rc;
    out->p[start] = (char)(out->p[start] - 'a' + 'A'); /* every number begins with a letter of ASCII */
    buf_puts(out, " đồng");
    if ((style & WORDS_CHAN) != 0 && n > 0 && n % 1000 == 0)
        buf_puts(out, " chẵn");
    return out->failed ? RC_NOMEM : RC_OK;
}
