/* A workbook of one sheet on its way to a sink. libxlsxwriter can only write to a file by name: that is a file of the kernel's memory (memfd), under the
 * name that the process has for it. Private to table_xlsx.c and marked.c. */
#ifndef KHOP_PRINT_XLSX_FILE_H
#define KHOP_PRINT_XLSX_FILE_H

#include "khop/print/sink.h"
#include "khop/base/rc.h"
#include <xlsxwriter.h>

struct xlsx_file {
    int fd; /* -1: not open */
    lxw_workbook *book;
    lxw_worksheet *sheet;
};

int xlsx_rc(lxw_error e);
/* Memory stays constant: rows are written in their order. `title` names the sheet, as far as Excel takes it. RC_IO, RC_NOMEM. */
int xlsx_file_open(struct xlsx_file *x, const char *title) RC_MUST;
int xlsx_file_end(struct xlsx_file *x, struct print_sink sink) RC_MUST;
void xlsx_file_free(struct xlsx_file *x);

#endif
