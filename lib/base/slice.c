#include "khop/base/slice.h"
#include "khop/base/banned.h"

static unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

bool slice_same_letters(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n == 0 ? 0 : memcmp(a.p, b.p, n);

    if (d != 0)
        return d < 0 ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice a)
{
    while (a.n > 0 && blank(a.p[0])) {
        a.p++;
        a.n--;
    }
    while (a.n > 0 && blank(a.p[a.n - 1]))
        a.n--;
    return a;
}

struct slice slice_cut(struct slice *rest, char sep)
{
    const char *hit = rest->n == 0 ? NULL : memchr(rest->p, sep, rest->n);
    struct slice head = *rest;

    if (hit == NULL) {
        *rest = slice_sub(*rest, rest->n, 0);
        return head;
    }
    head.n = (size_t)(hit - rest->p);
    *rest = slice_sub(*rest, head.n + 1, rest->n);
    return head;
}
