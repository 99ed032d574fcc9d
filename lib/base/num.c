#include "khop/base/num.h"
#include "khop/base/banned.h"

/* Digits only; the value is built negative so that INT64_MIN needs no special case. */
static bool digits_negative(struct slice s, int64_t *out)
{
    int64_t v = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c < '0' || c > '9' || !num_mul(v, 10, &v) || !num_sub(v, c - '0', &v))
            return false;
    }
    *out = v;
    return true;
}

int num_parse(struct slice s, int64_t min, int64_t max, bool zeros, int64_t *out)
{
    int64_t v;

    if (!zeros && s.n > 1 && s.p[0] == '0')
        return RC_BAD_INPUT;
    if (!digits_negative(s, &v) || !num_sub(0, v, &v) || v < min || v > max)
        return RC_BAD_INPUT;
    *out = v;
    return RC_OK;
}

int num_parse_signed(struct slice s, int64_t min, int64_t max, int64_t *out)
{
    bool minus = s.n > 0 && s.p[0] == '-';
    int64_t v;

    if (!minus)
        return num_parse(s, min, max, false, out);
    s = slice_sub(s, 1, s.n);
    /* "-0" and "-07" are second spellings of a number. */
    if (s.n > 0 && s.p[0] == '0')
        return RC_BAD_INPUT;
    if (!digits_negative(s, &v) || v < min || v > max)
        return RC_BAD_INPUT;
    *out = v;
    return RC_OK;
}
