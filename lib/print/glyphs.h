/* A bitmap alphabet of 5 × 7 dots for the lines under a code: digits, capitals, some punctuation. */
#ifndef KHOP_PRINT_GLYPHS_H
#define KHOP_PRINT_GLYPHS_H

#define GLYPH_WIDTH   5
#define GLYPH_HEIGHT  7
#define GLYPH_ADVANCE 6 /* with the gap to the next letter */

/* Seven rows from the top, bit 4 is the left dot. Small letters give capitals, what has no glyph an empty box. */
const unsigned char *glyph_rows(char c);

#endif
