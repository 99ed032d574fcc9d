/* What papers see of the fonts. */
#ifndef KHOP_PRINT_FONTS_PRIVATE_H
#define KHOP_PRINT_FONTS_PRIVATE_H

#include "khop/print/fonts.h"
#include <pango/pangocairo.h>

struct print_fonts {
    PangoFontMap *map;
};

#endif
