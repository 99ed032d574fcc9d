/* 1-bit PNG of a symbol, with lines of text below. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "deflate.h"
#include "glyphs.h"
#include "khop/print/qr.h"

#include "khop/base/banned.h"

#define PX_MAX 4096

/* White is 1, black is 0: greyscale of one bit. Every row begins with its filter: 0, or DEFLATE_UP and nothing but zeros for one that is
 * equal to the row above, as nine of ten are: they cost nothing to draw and little to pack. */
struct canvas {
    int width, height;
    size_t stride;
    unsigned char *rows; /* all "equal to the row above" until something is drawn */
};

static int canvas_make(struct canvas *c, int width, int height)
{
    c->width = width;
    c->height = height;
    c->stride = 1 + ((size_t)width + 7) / 8;
    c->rows = calloc((size_t)height, c->stride);
    if (c->rows == NULL)
        return RC_NOMEM;
    for (int y = 0; y < height; y++)
        c->rows[c->stride * (size_t)y] = DEFLATE_UP;
    return RC_OK;
}

/* A white row of its own. */
static void canvas_row(struct canvas *c, int top)
{
    unsigned char *row = &c->rows[c->stride * (size_t)top];

    memset(row, 0xFF, c->stride);
    row[0] = 0;
}

/* Blackens n pixels of a row, at least one. */
static void canvas_span(struct canvas *c, int top, int left, int n)
{
    unsigned char *row = &c->rows[c->stride * (size_t)top + 1];
    int first = left / 8, last = (left + n - 1) / 8;
    unsigned before = 0xFF00U >> (left % 8), behind = 0x7FU >> ((left + n - 1) % 8); /* pixels of these bytes that are not of the span */

    if (first == last) {
        row[first] = (unsigned char)(row[first] & (before | behind));
        return;
    }
    row[first] = (unsigned char)(row[first] & before);
    memset(row + first + 1, 0, (size_t)(last - first - 1));
    row[last] = (unsigned char)(row[last] & behind);
}

static void draw_code(struct canvas *c, const struct print_qr *qr, int module)
{
    canvas_row(c, 0);
    for (int y = 0; y < qr->side; y++) {
        const unsigned char *dark = &qr->dark[y * qr->side];
        int top = (y + PRINT_QR_QUIET) * module;

        canvas_row(c, top);
        for (int x = 0; x < qr->side;) {
            int end = x;

            while (end < qr->side && dark[end] != 0)
                end++;
            if (end > x)
                canvas_span(c, top, (x + PRINT_QR_QUIET) * module, (end - x) * module);
            x = end + 1;
        }
    }
    canvas_row(c, (qr->side + PRINT_QR_QUIET) * module);
}

/* Pixels for a dot of the letters: as large as the line fits, but not larger than a headline. */
static int line_scale(struct slice line, int width)
{
    int fits = line.n > 0 ? width * 24 / 25 / ((int)line.n * GLYPH_ADVANCE) : 1;
    int most = width / 100;

    if (fits > most)
        fits = most;
    return fits > 0 ? fits : 1;
}

static int line_width(struct slice line)
{
    return line.n > 0 ? (int)line.n * GLYPH_ADVANCE - 1 : 0;
}

static int line_height(struct slice line, int width)
{
    return line_scale(line, width) * (GLYPH_HEIGHT + 3);
}

static void draw_line(struct canvas *c, struct slice line, int top)
{
    int scale = line_scale(line, c->width);
    int left = (c->width - line_width(line) * scale) / 2;

    for (int y = 0; y < GLYPH_HEIGHT; y++) {
        canvas_row(c, top + y * scale);
        for (size_t i = 0; i < line.n; i++) {
            const unsigned char *rows = glyph_rows(line.p[i]);

            for (int x = 0; x < GLYPH_WIDTH; x++) {
                if ((rows[y] >> (GLYPH_WIDTH - 1 - x) & 1) != 0)
                    canvas_span(c, top + y * scale, left + ((int)i * GLYPH_ADVANCE + x) * scale, scale);
            }
        }
    }
    canvas_row(c, top + GLYPH_HEIGHT * scale);
}

static void put_be32(unsigned char out[4], uint32_t v)
{
    out[0] = (unsigned char)(v >> 24);
    out[1] = (unsigned char)(v >> 16);
    out[2] = (unsigned char)(v >> 8);
    out[3] = (unsigned char)v;
}

/* The type is four letters; the checksum runs over type and data. */
static void put_chunk(struct buf *out, const char *type, const unsigned char *data, size_t n)
{
    unsigned char word[4];
    uLong crc = crc32(crc32(0, NULL, 0), (const unsigned char *)type, 4);

    if (n > 0)
        crc = crc32(crc, data, (uInt)n);
    put_be32(word, (uint32_t)n);
    buf_put(out, word, 4);
    buf_put(out, type, 4);
    buf_put(out, data, n);
    put_be32(word, (uint32_t)crc);
    buf_put(out, word, 4);
}

static int put_png(struct buf *out, const struct canvas *c)
{
    static const unsigned char signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };
    unsigned char header[13] = { 0 };
    unsigned char *data = malloc(DEFLATE_BOUND(c->stride * (size_t)c->height));
    size_t packed;

    if (data == NULL)
        return RC_NOMEM;
    packed = deflate_rows(data, c->rows, c->stride, (size_t)c->height);
    put_be32(header, (uint32_t)c->width);
    put_be32(header + 4, (uint32_t)c->height);
    header[8] = 1; /* bit depth; colour type, compression, filter and interlace are 0 */
    buf_put(out, signature, sizeof signature);
    put_chunk(out, "IHDR", header, sizeof header);
    put_chunk(out, "IDAT", data, packed);
    put_chunk(out, "IEND", NULL, 0);
    free(data);
    return out->failed ? RC_TOO_LARGE : RC_OK;
}

int print_qr_png(struct buf *out, const struct print_qr *qr, int min_px, const struct slice *lines, size_t line_count)
{
    int modules = qr->side + 2 * PRINT_QR_QUIET;
    int module, width, height, rc;
    struct canvas canvas;

    if (min_px < 1 || min_px > PX_MAX || line_count > PRINT_QR_LINES)
        return RC_BAD_INPUT;
    module = (min_px + modules - 1) / modules;
    width = height = module * modules;
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].n > PRINT_QR_LINE_CHARS || line_width(lines[i]) > width)
            return RC_BAD_INPUT;
        height += line_height(lines[i], width);
    }
    if (line_count > 0)
        height += module * PRINT_QR_QUIET / 2;
    rc = canvas_make(&canvas, width, height);
    if (rc != RC_OK)
        return rc;
    draw_code(&canvas, qr, module);
    for (size_t i = 0, top = (size_t)width; i < line_count; i++) {
        draw_line(&canvas, lines[i], (int)top);
        top += (size_t)line_height(lines[i], width);
    }
    rc = put_png(out, &canvas);
    free(canvas.rows);
    return rc;
}
