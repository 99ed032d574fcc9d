/* Reading multipart/form-data: a pure state machine over the pieces of a body, without memory of its own. It takes what browsers
 * send for a form with one file, and nothing else: small text fields first (the form's token among them), then at most one
 * file, which is the last part. So who sends is known before the first byte of the file is looked at, and a file of any size
 * needs no more memory than the piece that has come.
 *
 *     rc = http_multipart_init(&m, req_header(rq, "content-type"));
 *     ... for each piece of the body (req_body_next):
 *     while ((rc = http_multipart_feed(&m, &piece, &part)) > 0)
 *         switch (rc) {
 *         case HTTP_PART_FIELD: part.name, part.value                  a whole field
 *         case HTTP_PART_FILE:  part.name, part.filename, part.type    a file begins; filename without folders, may be empty
 *         case HTTP_PART_DATA:  part.value                             a piece of it, never empty
 *         case HTTP_PART_END:                                          the file was whole
 *         }
 *     rc == 0: the piece is used up; behind the last piece http_multipart_whole(&m) tells whether the body was.
 *
 * Refused with RC_BAD_INPUT: anything before the first delimiter or behind the last, a part without exactly one
 * Content-Disposition of form-data with a name, any header but that and Content-Type, a second file, a field behind a file,
 * text that is not UTF-8 or has a NUL. RC_TOO_LARGE: over a limit below. After a failure nothing more is read. */
#ifndef KHOP_HTTP_MULTIPART_H
#define KHOP_HTTP_MULTIPART_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define HTTP_BOUNDARY_MAX    70
#define HTTP_PART_FIELDS_MAX 16
#define HTTP_PART_NAME_MAX   64
#define HTTP_PART_TYPE_MAX   128 /* that of an XLSX has 65 bytes */
#define HTTP_PART_FILE_MAX   255  /* bytes of a file's name */
#define HTTP_PART_TEXT_MAX   4096 /* bytes of a field's value, or of a part's headers */

enum { HTTP_PART_MORE = 0, HTTP_PART_FIELD, HTTP_PART_FILE, HTTP_PART_DATA, HTTP_PART_END };

struct http_part {
    struct slice name, value, filename, type; /* valid until the next feed */
};

struct http_multipart {
    char delimiter[HTTP_BOUNDARY_MAX + 5]; /* CR LF -- boundary */
    uint8_t ndelimiter, matched;           /* bytes of it that have been seen */
    uint8_t state, fields;
    bool file, ended;
    int failed;                            /* the rc that ended it */
    uint16_t ntext;
    char text[HTTP_PART_TEXT_MAX];         /* headers, then the value of a field */
    char name[HTTP_PART_NAME_MAX], filename[HTTP_PART_FILE_MAX], type[HTTP_PART_TYPE_MAX];
    uint8_t nname, nfilename, ntype;
};

/* From the header's value; RC_BAD_INPUT when it is not multipart/form-data with a boundary. */
int http_multipart_init(struct http_multipart *m, struct slice content_type) RC_MUST;
/* Takes from the front of *in. One of the above, or a negative rc. */
int http_multipart_feed(struct http_multipart *m, struct slice *in, struct http_part *part) RC_MUST;
/* The closing delimiter has been read. */
bool http_multipart_whole(const struct http_multipart *m);

#endif
