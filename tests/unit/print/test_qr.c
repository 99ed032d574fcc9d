/* QR symbols: size, form of the output, limits. That they can be read is shown by read_back.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "../vietqr/examples.h"
#include "deflate.h"
#include "khop/print/qr.h"

#include "khop/base/banned.h"

static const char *example(const char *name)
{
    for (size_t i = 0; i < EXAMPLES; i++)
        if (strcmp(examples[i].name, name) == 0)
            return examples[i].payload;
    fail();
    return NULL;
}

static struct print_qr make(const char *text, enum print_qr_level level)
{
    struct print_qr qr;

    assert_int_equal(print_qr_make(&qr, slice_of(text), level), RC_OK);
    return qr;
}

/* The table of vietqr.md §10: segments are optimised. */
static void symbols_are_small(void **state)
{
    static const struct {
        const char *name;
        int l, m, q, h;
    } table[] = {
        { "E14", 29, 33, 37, 41 },
        { "E15", 33, 37, 41, 49 },
        { "E16", 37, 41, 45, 53 },
        { "E18", 33, 37, 45, 49 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const enum print_qr_level levels[] = { PRINT_QR_L, PRINT_QR_M, PRINT_QR_Q, PRINT_QR_H };
        const int sides[] = { table[i].l, table[i].m, table[i].q, table[i].h };

        for (int j = 0; j < 4; j++) {
            struct print_qr qr = make(example(table[i].name), levels[j]);

            assert_int_equal(qr.side, sides[j]);
            /* the finder square in the corner */
            assert_true(print_qr_dark(&qr, 0, 0) && print_qr_dark(&qr, 6, 6) && !print_qr_dark(&qr, 1, 1));
            print_qr_release(&qr);
        }
    }
}

static void bad_texts(void **state)
{
    static char big[PRINT_QR_TEXT_MAX + 2];
    struct print_qr qr;

    (void)state;
    memset(big, 'x', sizeof big);
    assert_int_equal(print_qr_make(&qr, (struct slice){ "", 0 }, PRINT_QR_M), RC_BAD_INPUT);
    assert_int_equal(print_qr_make(&qr, (struct slice){ "a\0b", 3 }, PRINT_QR_M), RC_BAD_INPUT);
    assert_int_equal(print_qr_make(&qr, (struct slice){ big, PRINT_QR_TEXT_MAX + 1 }, PRINT_QR_M), RC_TOO_LARGE);
    assert_int_equal(print_qr_make(&qr, (struct slice){ big, PRINT_QR_TEXT_MAX }, PRINT_QR_H), RC_TOO_LARGE);
    assert_null(qr.dark);
    assert_int_equal(print_qr_make(&qr, (struct slice){ big, PRINT_QR_TEXT_MAX }, PRINT_QR_M), RC_OK);
    assert_int_equal(qr.side, 177);
    print_qr_release(&qr);
    print_qr_release(&qr);
}

static int count(const char *text, const char *word)
{
    int n = 0;

    for (const char *p = text; (p = strstr(p, word)) != NULL; p++)
        n++;
    return n;
}

static void svg_form(void **state)
{
    struct print_qr qr = make(example("E15"), PRINT_QR_M);
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    print_qr_svg(&out, &qr, NULL);
    assert_false(out.failed);
    assert_int_equal(count(out.p, "<path"), 1);
    assert_int_equal(count(out.p, "<svg"), 1);
    assert_non_null(strstr(out.p, "viewBox=\"0 0 45 45\""));
    assert_non_null(strstr(out.p, "shape-rendering=\"crispEdges\""));
    assert_non_null(strstr(out.p, "<rect width=\"45\" height=\"45\" fill=\"#fff\"/>"));
    assert_null(strstr(out.p, "style"));
    assert_null(strstr(out.p, "aria-label"));
    assert_in_range(out.n, 500, 4000);

    buf_clear(&out);
    print_qr_svg(&out, &qr, "Mã \"QR\" <180.000 đ> & hơn");
    assert_non_null(strstr(out.p, "role=\"img\" aria-label=\"Mã &quot;QR&quot; &lt;180.000 đ&gt; &amp; hơn\""));
    buf_release(&out);

    buf_init(&out, 100);
    print_qr_svg(&out, &qr, NULL);
    assert_true(out.failed);
    buf_release(&out);
    print_qr_release(&qr);
}

static uint32_t be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* PNG's filter 2: what is written is the difference to the row above. */
static void undo_filters(unsigned char *rows, uint32_t width, uint32_t height)
{
    size_t stride = 1 + (width + 7) / 8;

    for (uint32_t y = 0; y < height; y++) {
        unsigned char *row = rows + y * stride;

        assert_true(row[0] == 0 || (row[0] == 2 && y > 0));
        for (size_t i = 1; row[0] == 2 && i < stride; i++)
            row[i] = (unsigned char)(row[i] + (row - stride)[i]);
    }
}

/* Our PNGs have three chunks; unpacks the rows. */
static size_t png_rows(const struct buf *png, unsigned char *rows, size_t size)
{
    uLongf n = size;
    uint32_t packed = be32(png->p + 33);

    assert_memory_equal(png->p, "\x89PNG\r\n\x1A\n", 8);
    assert_memory_equal(png->p + 12, "IHDR", 4);
    assert_memory_equal(png->p + 24, "\1\0\0\0\0", 5); /* 1 bit, grey */
    assert_memory_equal(png->p + 37, "IDAT", 4);
    assert_int_equal(png->n, 8 + 25 + 12 + packed + 12);
    assert_int_equal(uncompress(rows, &n, (const unsigned char *)png->p + 41, packed), Z_OK);
    assert_int_equal(be32(png->p + 41 + packed), crc32(0, (const unsigned char *)png->p + 37, packed + 4));
    undo_filters(rows, be32(png->p + 16), be32(png->p + 20));
    return n;
}

static bool png_dark(const unsigned char *rows, uint32_t width, uint32_t x, uint32_t y)
{
    size_t stride = 1 + (width + 7) / 8;

    return (rows[y * stride + 1 + x / 8] >> (7 - x % 8) & 1) == 0;
}

/* Whole pixels for a module, at least as wide as asked, a white edge of four modules, every module in its place. */
static void png_form(void **state)
{
    static const int sizes[] = { 1, 45, 46, 480, 481, 1000 };
    static unsigned char rows[1 << 20];
    struct print_qr qr = make(example("E15"), PRINT_QR_M);

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buf out;

        buf_init(&out, 1 << 20);
        assert_int_equal(print_qr_png(&out, &qr, sizes[i], NULL, 0), RC_OK);
        uint32_t width = be32(out.p + 16), module = width / 45;

        assert_int_equal(width, be32(out.p + 20));
        assert_int_equal(width % 45, 0);
        assert_true(width >= (uint32_t)sizes[i] && width - 45 < (uint32_t)sizes[i]);
        assert_int_equal(png_rows(&out, rows, sizeof rows), (1 + (width + 7) / 8) * width);
        for (uint32_t y = 0; y < width; y++)
            for (uint32_t x = 0; x < width; x++) {
                int mx = (int)(x / module) - PRINT_QR_QUIET, my = (int)(y / module) - PRINT_QR_QUIET;
                bool inside = mx >= 0 && my >= 0 && mx < qr.side && my < qr.side;

                if (png_dark(rows, width, x, y) != (inside && print_qr_dark(&qr, mx, my)))
                    fail_msg("pixel %u %u", x, y);
            }
        if (sizes[i] == 480)
            assert_in_range(out.n, 200, 2600);
        buf_release(&out);
    }
    print_qr_release(&qr);
}

/* Rows of every width up to the widest, with runs and copies of every length, come back from zlib as they were. */
static void rows_pack(void **state)
{
    static unsigned char rows[600 * 40], packed[DEFLATE_BOUND(600 * 40)], back[600 * 40];
    uint32_t random = 1;

    (void)state;
    for (size_t stride = 3; stride <= 600; stride++) {
        size_t height = 1 + stride % 40;

        for (size_t y = 0; y < height; y++) {
            unsigned char *row = rows + y * stride;

            random = random * 1664525 + 1013904223;
            memset(row, y > 0 && random >> 29 != 0 ? 0 : 0xFF, stride);
            row[0] = y > 0 && random >> 29 != 0 ? DEFLATE_UP : 0;
            for (size_t i = 1; row[0] == 0 && i < stride; i += 1 + (random >> 20) % 20) {
                random = random * 1664525 + 1013904223;
                row[i] = (unsigned char)(random >> 24);
            }
        }
        size_t n = deflate_rows(packed, rows, stride, height);
        uLongf got = sizeof back;

        assert_true(n <= DEFLATE_BOUND(stride * height));
        assert_int_equal(uncompress(back, &got, packed, n), Z_OK);
        assert_int_equal(got, stride * height);
        assert_memory_equal(back, rows, got);
    }
}

static void png_lines(void **state)
{
    static unsigned char rows[1 << 20];
    struct print_qr qr = make(example("E15"), PRINT_QR_M);
    struct slice lines[] = { SLICE("180.000 VND"), SLICE("SB7M4QX2C"), SLICE(""), SLICE("~") };
    char long_line[PRINT_QR_LINE_CHARS + 1];
    struct buf out;
    unsigned dark = 0;

    (void)state;
    memset(long_line, 'W', sizeof long_line);
    buf_init(&out, 1 << 20);
    assert_int_equal(print_qr_png(&out, &qr, 480, lines, 4), RC_OK);
    uint32_t width = be32(out.p + 16), height = be32(out.p + 20);

    assert_true(height > width);
    png_rows(&out, rows, sizeof rows);
    for (uint32_t y = width; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            dark += png_dark(rows, width, x, y);
    assert_in_range(dark, 500, 20000);
    /* nothing at the edges */
    for (uint32_t y = 0; y < height; y++)
        assert_false(png_dark(rows, width, 0, y) || png_dark(rows, width, width - 1, y));

    lines[0] = (struct slice){ long_line, PRINT_QR_LINE_CHARS };
    for (int px = 1; px <= 600; px += 37) {
        buf_clear(&out);
        assert_int_equal(print_qr_png(&out, &qr, px, lines, 1), px <= 225 ? RC_BAD_INPUT : RC_OK);
    }
    lines[0].n++;
    assert_int_equal(print_qr_png(&out, &qr, 480, lines, 1), RC_BAD_INPUT);
    assert_int_equal(print_qr_png(&out, &qr, 480, lines, PRINT_QR_LINES + 1), RC_BAD_INPUT);
    assert_int_equal(print_qr_png(&out, &qr, 0, NULL, 0), RC_BAD_INPUT);
    assert_int_equal(print_qr_png(&out, &qr, 4097, NULL, 0), RC_BAD_INPUT);
    buf_release(&out);
    buf_init(&out, 100);
    assert_int_equal(print_qr_png(&out, &qr, 480, NULL, 0), RC_TOO_LARGE);
    buf_release(&out);
    print_qr_release(&qr);
}

static void terminal_form(void **state)
{
    struct print_qr qr = make("HELLO", PRINT_QR_M);
    struct buf out;

    (void)state;
    assert_int_equal(qr.side, 21);
    buf_init(&out, 1 << 20);
    print_qr_terminal(&out, &qr);
    assert_false(out.failed);
    assert_int_equal(count(out.p, "\n"), (21 + 8 + 1) / 2);
    assert_int_equal(count(out.p, "\033[38;5;16;48;5;231m"), 15);
    assert_int_equal(count(out.p, "\033[0m\n"), 15);
    buf_release(&out);
    print_qr_release(&qr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_are_small), cmocka_unit_test(bad_texts), cmocka_unit_test(svg_form),
        cmocka_unit_test(png_form),          cmocka_unit_test(rows_pack), cmocka_unit_test(png_lines), cmocka_unit_test(terminal_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
