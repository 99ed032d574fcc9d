/* UTF-8: validity and code points. Overlong forms, surrogates and values over U+10FFFF are refused. */
#ifndef KHOP_BASE_UTF8_H
#define KHOP_BASE_UTF8_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

bool utf8_valid(struct slice s);
/* Code points in valid text; counts what it can of invalid text. */
size_t utf8_count(struct slice s);
/* Takes one code point off the front: its bytes (1–4), or 0 at the end or on an invalid sequence. */
size_t utf8_next(struct slice s, uint32_t *point);
/* Writes one code point (1–4 bytes), returns how many; 0 for a value that has no UTF-8 form. */
size_t utf8_encode(uint32_t point, char out[4]);
/* Appends the text in NFC, the form in which equal texts have equal bytes. RC_BAD_INPUT (not UTF-8), RC_NOMEM. */
int utf8_nfc(struct buf *out, struct slice text) RC_MUST;

#endif
