/* Inside of a QR symbol (ISO/IEC 18004): its text as codewords (qr_words.c), and those on the grid (qr_grid.c). */
#ifndef KHOP_PRINT_QR_CODE_H
#define KHOP_PRINT_QR_CODE_H

#include "khop/print/qr.h"
#include <stdint.h>

#define QR_VERSIONS  40
#define QR_SIDE_MAX  177
#define QR_WORDS_MAX 3706

static inline int qr_side(int version)
{
    return 17 + 4 * version;
}

/* Data and error correction, as they follow each other on the grid. */
struct qr_words {
    int version;
    size_t n;
    uint8_t word[QR_WORDS_MAX];
};

/* In the smallest symbol that holds the text. RC_TOO_LARGE. */
int qr_words_make(struct qr_words *out, struct slice text, enum print_qr_level level) RC_MUST;
/* side × side modules, 0 or 1, under the mask that a reader likes best. */
void qr_grid_make(unsigned char *dark, const struct qr_words *words, enum print_qr_level level);

#endif
