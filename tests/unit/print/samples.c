/* samples FOLDER: writes every form of many codes as images, and in "expected" what each must say, a line a file, in the
 * order of their names. Somebody else's reader compares (read_back.sh). */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vietqr/examples.h"
#include "khop/print/qr.h"

#include "khop/base/banned.h"

#define SIDE_MAX (177 + 2 * PRINT_QR_QUIET)

static const char *folder;
static FILE *expected;
static int number;

static FILE *sample_file(const char *suffix)
{
    char path[4096];
    FILE *f;

    assert(snprintf(path, sizeof path, "%s/%04d.%s", folder, number++, suffix) < (int)sizeof path);
    f = fopen(path, "wb");
    assert(f != NULL);
    return f;
}

/* --- a drawing as a bitmap of modules, then as a portable graymap --- */

struct bitmap {
    int side;
    unsigned char dark[SIDE_MAX][SIDE_MAX];
};

static void put_graymap(const struct bitmap *b, int scale)
{
    FILE *f = sample_file("pgm");

    fprintf(f, "P5\n%d %d\n255\n", b->side * scale, b->side * scale);
    for (int y = 0; y < b->side * scale; y++)
        for (int x = 0; x < b->side * scale; x++)
            fputc(b->dark[y / scale][x / scale] ? 0 : 255, f);
    assert(fclose(f) == 0);
}

static int take_number(const char **p)
{
    int n = 0;

    assert(**p >= '0' && **p <= '9');
    while (**p >= '0' && **p <= '9')
        n = n * 10 + *(*p)++ - '0';
    return n;
}

static void take_word(const char **p, const char *word)
{
    assert(strncmp(*p, word, strlen(word)) == 0);
    *p += strlen(word);
}

/* The path of our SVG: "Mx y.5", "hN" draws, "mN 0" moves. */
static void raster_svg(struct bitmap *b, const char *svg)
{
    const char *p = strstr(svg, "viewBox=\"0 0 ");
    int x = 0, y = 0;

    assert(p != NULL);
    p += strlen("viewBox=\"0 0 ");
    *b = (struct bitmap){ .side = take_number(&p) };
    p = strstr(svg, " d=\"");
    assert(p != NULL && b->side <= SIDE_MAX);
    for (p += 4; *p != '"';) {
        char verb = *p++;
        int n = take_number(&p);

        if (verb == 'M') {
            x = n;
            take_word(&p, " ");
            y = take_number(&p);
            take_word(&p, ".5");
        } else if (verb == 'm') {
            x += n;
            take_word(&p, " 0");
        } else {
            assert(verb == 'h' && x + n <= b->side && y < b->side);
            memset(&b->dark[y][x], 1, (size_t)n);
            x += n;
        }
    }
}

/* What a terminal shows: half blocks in black on white. */
static void raster_terminal(struct bitmap *b, const char *text)
{
    static const char *const blocks[] = { " ", "▄", "▀", "█" };
    int x = 0, y = 0;

    *b = (struct bitmap){ 0 };
    while (*text != '\0') {
        take_word(&text, "\033[38;5;16;48;5;231m");
        for (x = 0; *text != '\033'; x++) {
            int block = 3;

            while (strncmp(text, blocks[block], strlen(blocks[block])) != 0)
                assert(block-- > 0);
            text += strlen(blocks[block]);
            assert(x < SIDE_MAX && y + 1 < SIDE_MAX);
            b->dark[y][x] = block >> 1 & 1;
            b->dark[y + 1][x] = block & 1;
        }
        take_word(&text, "\033[0m\n");
        y += 2;
    }
    b->side = x;
    assert(y == b->side || y == b->side + 1);
}

/* --- samples --- */

static void sample_png(const struct print_qr *qr, int min_px, const struct slice *lines, size_t line_count)
{
    struct buf out;
    FILE *f = sample_file("png");

    buf_init(&out, 1 << 20);
    assert(print_qr_png(&out, qr, min_px, lines, line_count) == RC_OK);
    assert(fwrite(out.p, 1, out.n, f) == out.n && fclose(f) == 0);
    buf_release(&out);
}

static void sample_drawing(const struct print_qr *qr, bool svg, int scale)
{
    static struct bitmap bitmap;
    struct buf out;

    buf_init(&out, 1 << 20);
    if (svg)
        print_qr_svg(&out, qr, "label");
    else
        print_qr_terminal(&out, qr);
    assert(!out.failed);
    if (svg)
        raster_svg(&bitmap, out.p);
    else
        raster_terminal(&bitmap, out.p);
    put_graymap(&bitmap, scale);
    buf_release(&out);
}

/* `count` files for the text. */
static void say(const char *text, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(expected, "%s\n", text);
}

static void sample_all(const char *text, enum print_qr_level level, int px)
{
    struct slice lines[] = { SLICE("180.000 VND"), SLICE("SB7M4QX2C TIEN AN THANG 9") };
    struct print_qr qr;

    assert(print_qr_make(&qr, slice_of(text), level) == RC_OK);
    sample_png(&qr, px, NULL, 0);
    sample_png(&qr, px, lines, 2);
    sample_drawing(&qr, true, 3);
    sample_drawing(&qr, false, 4);
    say(text, 4);
    print_qr_release(&qr);
}

static uint64_t seed = 88172645463325252U;

static unsigned random_below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % n);
}

static void random_payload(char *out, size_t size)
{
    static const char upper[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ ";
    struct vietqr q;
    char memo[26] = { 0 };
    size_t n = 1 + random_below(25);

    vietqr_init(&q);
    snprintf(q.bin, sizeof q.bin, "9704%02u", random_below(100));
    for (size_t i = 0, count = 6 + random_below(14); i < count; i++)
        q.account[i] = upper[random_below(10)];
    q.has_amount = 1;
    q.amount = 1000 + random_below(500000000);
    for (size_t i = 0; i < n; i++)
        memo[i] = random_below(4) == 0 ? (char)('a' + random_below(26)) : upper[random_below(34)];
    q.additional[VIETQR_PURPOSE] = (struct vietqr_text){ memo, n };
    assert(vietqr_encode(&q, out, size, NULL, NULL) == VIETQR_OK);
}

int main(int argc, char **argv)
{
    static const int sizes[] = { 480, 300, 1000, 513 };
    char path[4096], payload[VIETQR_ENCODED_MAX];

    assert(argc == 2);
    folder = argv[1];
    snprintf(path, sizeof path, "%s/expected", folder);
    expected = fopen(path, "wb");
    assert(expected != NULL);
    for (size_t i = 0; i < EXAMPLES; i++)
        sample_all(examples[i].payload, PRINT_QR_M, 480);
    for (unsigned i = 0; i < 16; i++) {
        random_payload(payload, sizeof payload);
        sample_all(payload, (enum print_qr_level)(i % 4), sizes[i / 4]);
    }
    sample_all("https://khop.example/r/AAECAwQFBgcICQoLDA0ODxAR", PRINT_QR_M, 480);
    assert(fclose(expected) == 0);
    printf("%d images\n", number);
    return 0;
}
