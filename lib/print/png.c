/* 1-bit PNG of a symbol, with lines of text below. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "glyphs.h"
#include "khop/print/qr.h"

#include "khop/base/banned.h"

#define PX_MAX 4096

/* White is 1, black is 0: greyscale of one bit. Every row begins with a filter byte 0. */
struct canvas {
    int width, height;
    size_t stride;
    unsigned char *rows;
};

static int canvas_make(struct canvas *c, int width, int height)
{
    c->width = width;
    c->height = height;
    c->stride = 1 + ((size_t)width + 7) / 8;
    c->rows = malloc(c->stride * (size_t)height);
    if (c->rows == NULL)
        return RC_NOMEM;
    memset(c->rows, 0xFF, c->stride * (size_t)height);
    for (int y = 0; y < height; y++)
        c->rows[c->stride * (size_t)y] = 0;
    return RC_OK;
}

/* Blackens n pixels of a row. */
static void canvas_span(struct canvas *c, int top, int left, int n)
{
    unsigned char *row = &c->rows[c->stride * (size_t)top + 1];

    for (int x = left; x < left + n;) {
        if (x % 8 == 0 && left + n - x >= 8) {
            row[x / 8] = 0;
            x += 8;
        } else {
            row[x / 8] = (unsigned char)(row[x / 8] & ~(0x80u >> (x % 8)));
            x++;
        }
    }
}

/* The row's copies below it: a module, or a dot of a letter, is as high as it is wide. */
static void canvas_repeat(struct canvas *c, int top, int times)
{
    unsigned char *row = &c->rows[c->stride * (size_t)top];

    for (int i = 1; i < times; i++)
        memcpy(row + c->stride * (size_t)i, row, c->stride);
}

static void draw_code(struct canvas *c, const struct print_qr *qr, int module)
{
    for (int y = 0; y < qr->side; y++) {
        int top = (y + PRINT_QR_QUIET) * module;

        for (int x = 0; x < qr->side; x++) {
            if (print_qr_dark(qr, x, y))
                canvas_span(c, top, (x + PRINT_QR_QUIET) * module, module);
        }
        canvas_repeat(c, top, module);
    }
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
        for (size_t i = 0; i < line.n; i++) {
            const unsigned char *rows = glyph_rows(line.p[i]);

            for (int x = 0; x < GLYPH_WIDTH; x++) {
                if ((rows[y] >> (GLYPH_WIDTH - 1 - x) & 1) != 0)
                    canvas_span(c, top + y * scale, left + ((int)i * GLYPH_ADVANCE + x) * scale, scale);
            }
        }
        canvas_repeat(c, top + y * scale, scale);
    }
}

/* Rows equal to the one above become PNG's filter 2 (up) and zeros: nine of ten rows then cost the compressor nothing. */
static void filter_repeats(struct canvas *c)
{
    for (int y = c->height - 1; y > 0; y--) {
        unsigned char *row = &c->rows[c->stride * (size_t)y];

        if (memcmp(row, row - c->stride, c->stride) == 0) {
            memset(row, 0, c->stride);
            row[0] = 2;
        }
    }
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
    uLong raw = (uLong)(c->stride * (size_t)c->height);
    uLongf packed = compressBound(raw);
    unsigned char *data = malloc(packed);

    if (data == NULL)
        return RC_NOMEM;
    if (compress2(data, &packed, c->rows, raw, Z_DEFAULT_COMPRESSION) != Z_OK) {
        free(data);
        return RC_NOMEM;
    }
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
    filter_repeats(&canvas);
    rc = put_png(out, &canvas);
    free(canvas.rows);
    return rc;
}
