/* The table of banks; its rows are made from banks.tsv at build time, ascending by BIN. */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

static const struct vietqr_bank banks[] = {
#include "banks_table.h"
};

#define BANKS (sizeof banks / sizeof banks[0])

const struct vietqr_bank *vietqr_bank(const char *bin, size_t size)
{
    size_t low = 0, high = BANKS;

    if (size != sizeof banks[0].bin - 1)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(bin, banks[middle].bin, size);

        if (order == 0)
            return &banks[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct vietqr_bank *vietqr_bank_at(size_t place)
{
    return place < BANKS ? &banks[place] : NULL;
}

size_t vietqr_bank_count(void)
{
    return BANKS;
}
