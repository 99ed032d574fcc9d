/* One XLSX file: what the workbook says (sheet_xlsx.c) and the rows of one worksheet (sheet_cells.c). */
#ifndef KHOP_PROVIDER_SHEET_XLSX_H
#define KHOP_PROVIDER_SHEET_XLSX_H

#include "sheet_private.h"
#include "sheet_zip.h"

#define STRINGS_COUNT_MAX (4U << 20)
#define STYLES_MAX        65536
#define NAME_MAX_BYTES    512
#define PARTS_BYTES_MAX   (1U << 20) /* paths, names of sheets, ids of relations */
#define RELATIONS_MAX     1024

struct relation {
    struct slice id, target;
    bool is_strings, is_styles, is_workbook;
};

struct worksheet {
    struct slice name, relation, path;
};

struct sheet_xlsx {
    zip_t *zip;
    struct arena *arena;
    char *workbook; /* path of the workbook's part */
    struct relation *relations;
    size_t n_relations;
    struct worksheet sheets[SHEET_SHEETS_MAX];
    size_t n_sheets;
    bool since_1904;

    struct buf strings; /* clean texts; string i is [at[i], at[i + 1]) */
    uint32_t *at;
    size_t n_strings, cap_strings;

    int64_t *date_formats; /* ids of own formats that are of dates */
    size_t n_date_formats, cap_date_formats;
    uint8_t *style_is_date;
    size_t n_styles, cap_styles;

    /* while reading parts and rows */
    struct sheet *sheet;
    struct sheet_xml xml;
    struct buf text, number;
    bool collect, in_inline, in_phonetic, in_formats, in_row, started;
    int64_t row, column;
    enum { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_BOOL, CELL_ERROR, CELL_ISO } type;
    int64_t style;
};

static inline bool xlsx_is(const char *name, const char *local)
{
    return strcmp(sheet_xml_local(name), local) == 0;
}

/* "_x000D_" stands for a control character: a space will do. */
void xlsx_unescape(struct buf *text);
/* A whole number of an attribute; -1: absent or none. */
int64_t xlsx_number(const char *text);

/* Handlers of a worksheet: every row that has a cell pauses the parser. */
void XMLCALL xlsx_cells_start(void *arg, const XML_Char *name, const XML_Char **attributes);
void XMLCALL xlsx_cells_end(void *arg, const XML_Char *name);

#endif
