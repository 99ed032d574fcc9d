#include "khop/pay/money.h"

#include "khop/base/num.h"

#include "khop/base/banned.h"

int money_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;

    if (!num_add(a, b, &sum))
        return RC_TOO_LARGE;
    *out = sum;
    return RC_OK;
}

int money_sub(int64_t a, int64_t b, int64_t *out)
{
    int64_t left;

    if (!num_sub(a, b, &left))
        return RC_TOO_LARGE;
    *out = left;
    return RC_OK;
}

void money_groups(char out[MONEY_TEXT_SIZE], int64_t v)
{
    uint64_t left = v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
    char back[MONEY_TEXT_SIZE];
    size_t n = 0, digits = 0;

    do {
        if (digits > 0 && digits % 3 == 0)
            back[n++] = '.';
        back[n++] = (char)('0' + left % 10);
        left /= 10;
        digits++;
    } while (left > 0);
    if (v < 0)
        back[n++] = '-';
    for (size_t i = 0; i < n; i++)
        out[i] = back[n - 1 - i];
    out[n] = '\0';
}

void money_text(char out[MONEY_TEXT_SIZE], int64_t v)
{
    static const char unit[] = " đ";

    money_groups(out, v);
    memcpy(out + strlen(out), unit, sizeof unit);
}
