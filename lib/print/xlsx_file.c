/* Workbooks by libxlsxwriter, whatever stands in them. */
#include "xlsx_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define SHEET_NAME_MAX 31 /* characters; Excel's limit */

int xlsx_rc(lxw_error e)
{
    switch (e) {
    case LXW_NO_ERROR:
        return RC_OK;
    case LXW_ERROR_MEMORY_MALLOC_FAILED:
        return RC_NOMEM;
    case LXW_ERROR_CREATING_XLSX_FILE:
    case LXW_ERROR_CREATING_TMPFILE:
    case LXW_ERROR_READING_TMPFILE:
    case LXW_ERROR_ZIP_FILE_OPERATION:
    case LXW_ERROR_ZIP_FILE_ADD:
    case LXW_ERROR_ZIP_CLOSE:
        return RC_IO;
    default: /* sixty more, all of them ours */
        return RC_INTERNAL;
    }
}

/* Excel refuses some characters in a sheet's name, and names that are long. */
static void sheet_name(char out[4 * SHEET_NAME_MAX + 1], const char *title)
{
    size_t n = 0, characters = 0;

    for (const char *p = title; *p != '\0'; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && ++characters > SHEET_NAME_MAX)
            break;
        out[n++] = strchr("[]:*?/\\'", *p) != NULL ? ' ' : *p;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

int xlsx_file_open(struct xlsx_file *x, const char *title)
{
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    char path[64], name[4 * SHEET_NAME_MAX + 1];

    *x = (struct xlsx_file){ .fd = memfd_create("sheet", MFD_CLOEXEC) };
    if (x->fd < 0)
        return RC_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", x->fd);
    x->book = workbook_new_opt(path, &options);
    if (x->book == NULL)
        return RC_NOMEM;
    sheet_name(name, title);
    x->sheet = workbook_add_worksheet(x->book, *name == '\0' ? NULL : name);
    return x->sheet == NULL ? RC_NOMEM : RC_OK;
}

static int drain(int fd, struct print_sink sink)
{
    char piece[16384];
    ssize_t n;
    int rc = lseek(fd, 0, SEEK_SET) < 0 ? RC_IO : RC_OK;

    while (rc == RC_OK && (n = read(fd, piece, sizeof piece)) != 0)
        rc = n < 0 ? RC_IO : sink.write(sink.arg, piece, (size_t)n);
    return rc;
}

int xlsx_file_end(struct xlsx_file *x, struct print_sink sink)
{
    int rc = xlsx_rc(workbook_close(x->book)); /* frees it, also when it fails */

    x->book = NULL;
    return rc < 0 ? rc : drain(x->fd, sink);
}

void xlsx_file_free(struct xlsx_file *x)
{
    if (x->book != NULL)
        lxw_workbook_free(x->book);
    if (x->fd >= 0)
        close(x->fd);
    *x = (struct xlsx_file){ .fd = -1 };
}
