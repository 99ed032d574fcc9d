/* The input as a file that somebody uploads, CSV or XLSX: header and rows, twice. Cells keep their promises (valid UTF-8, no control
 * characters, trimmed), both readings agree, and amounts and dates of any cell are refused or in range. */
#include "khop/base/utf8.h"
#include "khop/provider/sheet.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_cell(struct sheet_cell cell)
{
    struct sheet_moment at;
    int64_t amount;
    int32_t second;

    must(utf8_valid(cell.text) && cell.text.n <= SHEET_ROW_MAX);
    for (size_t i = 0; i < cell.text.n; i++)
        must((unsigned char)cell.text.p[i] >= 0x20 && cell.text.p[i] != 0x7f);
    must(cell.text.n == 0 || (cell.text.p[0] != ' ' && cell.text.p[cell.text.n - 1] != ' '));
    if (sheet_amount(cell, &amount) == RC_OK)
        must(amount > -INT64_C(1000000000000000) && amount < INT64_C(1000000000000000));
    if (sheet_date(cell, SHEET_DAY_FIRST, &at) == RC_OK)
        must(at.day > -30000 && at.day < 90000 && at.second >= 0 && at.second < 86400);
    if (sheet_time(cell, &second) == RC_OK)
        must(second >= 0 && second < 86400);
}

static uint64_t read_rows(struct sheet *s, size_t *rows)
{
    struct sheet_row row;
    uint64_t sum = 14695981039346656037U;
    int rc;

    *rows = 0;
    while ((rc = sheet_next(s, &row)) == SHEET_ROW) {
        must(row.n >= 1 && row.n <= SHEET_COLUMNS_MAX && row.cells[row.n - 1].text.n > 0);
        ++*rows;
        for (size_t i = 0; i < row.n; i++) {
            check_cell(row.cells[i]);
            for (size_t k = 0; k < row.cells[i].text.n; k++)
                sum = (sum ^ (unsigned char)row.cells[i].text.p[k]) * 1099511628211U;
        }
    }
    must(rc <= 0 && rc != RC_INTERNAL);
    must(sheet_next(s, &row) == rc); /* an end stays one */
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sheet_column wanted[] = { { "ngày|date", false }, { "số tiền|amount", true }, { "lớp|class", false } };
    static struct sheet_header header;
    struct slice file = { (const char *)data, size };
    enum sheet_fault fault;
    struct sheet *s;
    size_t rows, again, behind;

    if (size > 64 * 1024)
        return 0;
    if (sheet_open(file, &s, &fault) < 0) {
        must(fault != SHEET_FINE);
        return 0;
    }

    uint64_t sum = read_rows(s, &rows);

    must(sheet_select(s, 0) <= RC_OK);
    must(read_rows(s, &again) == sum && again == rows);
    if (sheet_find_header(s, wanted, 3, &header) == RC_OK) {
        must(header.at[1] >= 0 && header.taken[header.at[1]] && header.sheet < sheet_about(s)->sheets);
        (void)read_rows(s, &behind);
        must(header.sheet > 0 || behind < rows);
    }
    sheet_close(s);
    return 0;
}
