/* The letters of all papers: Noto Sans (regular, bold, italic, bold italic), Noto Serif (regular, bold, italic) and Noto Sans Tai Viet, from
 * the Debian package fonts-noto-core. They are opened by their files and nothing else is looked at, so that a paper is the same on every
 * machine, whatever fonts and settings it has. Read once for a process; any number of papers share them, one after the other (not for several threads).
 * Every letter that a paper uses is embedded in it. */
#ifndef KHOP_PRINT_FONTS_H
#define KHOP_PRINT_FONTS_H

#include "khop/base/rc.h"

struct print_fonts;

#define PRINT_FONT_FOLDER "/usr/share/fonts/truetype/noto"

/* folder NULL: PRINT_FONT_FOLDER. RC_NOT_FOUND when a file is missing or no font, RC_NOMEM. */
int print_fonts_open(const char *folder, struct print_fonts **out) RC_MUST;
void print_fonts_free(struct print_fonts *f); /* accepts NULL */

#endif
