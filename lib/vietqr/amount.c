/* Amounts and percentages: digits and at most one dot, never through floating point (vietqr.md §4). */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

int vietqr_currency_decimals(const char *currency)
{
    static const struct {
        char code[4];
        int decimals;
    } table[] = {
        { "704", 0 }, { "392", 0 }, { "410", 0 }, { "458", 2 }, { "156", 2 },
        { "360", 2 }, { "608", 2 }, { "702", 2 }, { "764", 2 },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].code, currency) == 0)
            return table[i].decimals;
    return -1;
}

struct decimal {
    int64_t digits; /* with the dot taken out */
    int before, behind;
    bool dot;
};

/* At most AMOUNT_CHARACTERS_MAX characters, so the number fits. */
static bool decimal_read(struct vietqr_text text, struct decimal *d)
{
    *d = (struct decimal){ 0 };
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];

        if (c == '.' && !d->dot) {
            d->dot = true;
            continue;
        }
        if (!ascii_digit(c))
            return false;
        d->digits = d->digits * 10 + (c - '0');
        if (d->dot)
            d->behind++;
        else
            d->before++;
    }
    return d->before > 0;
}

enum amount_fault amount_read(struct vietqr_text text, int decimals, int64_t *amount)
{
    struct decimal d;

    if (text_count(text) > AMOUNT_CHARACTERS_MAX)
        return AMOUNT_BAD_LENGTH;
    if (!decimal_read(text, &d))
        return AMOUNT_BAD_CHARACTER;
    if (d.behind != decimals)
        return AMOUNT_BAD_DECIMALS;
    if (d.digits == 0)
        return AMOUNT_IS_ZERO;
    *amount = d.digits;
    return AMOUNT_GOOD;
}

bool percentage_read(struct vietqr_text text, int64_t *hundredths)
{
    struct decimal d;

    if (text_count(text) > 5 || !decimal_read(text, &d) || d.behind > 2)
        return false;
    for (int i = d.behind; i < 2; i++)
        d.digits *= 10;
    if (d.digits < 1 || d.digits > 9999)
        return false;
    *hundredths = d.digits;
    return true;
}
