/* sheet_dump FILE [NAMES…]: what a sheet reads, a line a row, for tests that make files with other programs. Cells stand between
 * tabs, "kind:text"; with NAMES (synonyms of wanted columns, a '!' in front of required ones) the header is looked for first. */
#include "khop/provider/sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

static char bytes[SHEET_FILE_MAX + 2];

static void show(struct slice text, char kind)
{
    printf("\t%c:", kind);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\t' || text.p[i] == '\n' || text.p[i] == '\r')
            abort(); /* no cell may have one */
        putchar(text.p[i]);
    }
}

static int rows_of(struct sheet *s)
{
    static const char kinds[] = { 't', 'n', 'd', 'b', 'e' };
    struct sheet_row row;
    int32_t where;
    int rc;

    while ((rc = sheet_next(s, &row)) == SHEET_ROW) {
        printf("%d", row.number);
        for (size_t i = 0; i < row.n; i++)
            show(row.cells[i].text, kinds[row.cells[i].kind]);
        putchar('\n');
    }
    if (rc < 0) {
        enum sheet_fault fault = sheet_fault_of(s, &where);

        printf("fault\t%s\t%d\n", sheet_fault_name(fault), where);
    }
    return rc < 0;
}

static int header_of(struct sheet *s, int n, char **names)
{
    static struct sheet_header h;
    struct sheet_column wanted[SHEET_WANTED_MAX] = { { NULL, false } };
    int32_t where;
    int rc;

    for (int i = 0; i < n && i < SHEET_WANTED_MAX; i++)
        wanted[i] = (struct sheet_column){ names[i][0] == '!' ? names[i] + 1 : names[i], names[i][0] == '!' };
    rc = sheet_find_header(s, wanted, (size_t)n, &h);
    printf("header\t%zu\t%d", h.sheet, rc < 0 ? 0 : h.row);
    for (int i = 0; i < n; i++)
        printf("\t%d", h.at[i]);
    putchar('\n');
    if (rc < 0) {
        printf("fault\t%s\n", sheet_fault_name(sheet_fault_of(s, &where)));
        return 1;
    }
    printf("titles");
    for (size_t i = 0; i < h.titles; i++)
        show(h.title[i], h.taken[i] ? 't' : 'f');
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    FILE *f = argc < 2 ? NULL : fopen(argv[1], "rb");
    enum sheet_fault fault;
    struct sheet *s;
    int bad = 0;

    if (f == NULL)
        return 2;

    size_t n = fread(bytes, 1, sizeof bytes, f);
    char *copy = malloc(n > 0 ? n : 1); /* exactly as long: a read behind the end is seen */

    fclose(f);
    if (copy == NULL)
        return 2;
    memcpy(copy, bytes, n);
    if (sheet_open((struct slice){ copy, n }, &s, &fault) < 0) {
        printf("fault\t%s\t0\n", sheet_fault_name(fault));
        free(copy);
        return 1;
    }

    const struct sheet_about *a = sheet_about(s);

    if (a->format == SHEET_CSV)
        printf("csv\t%s\t%s\t%d\n", a->encoding, a->guessed ? "guessed" : "sure", a->delimiter);
    else
        printf("xlsx\t%zu\n", a->sheets);
    if (argc > 2) {
        bad = header_of(s, argc - 2, argv + 2);
        if (bad == 0)
            bad = rows_of(s);
    }
    for (size_t i = 0; argc == 2 && i < a->sheets; i++) {
        printf("sheet\t%.*s\n", SLICE_FMT(sheet_name(s, i)));
        if (sheet_select(s, i) < 0 || rows_of(s) != 0)
            bad = 1;
    }
    printf("replaced\t%d\n", a->replaced);
    sheet_close(s);
    free(copy);
    return bad;
}
