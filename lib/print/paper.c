#include "paper.h"

#include "khop/base/clock.h"
#include <cairo-pdf.h>
#include <string.h>

#include "khop/base/banned.h"

/* --- bytes out --- */

static cairo_status_t stream(void *closure, const unsigned char *bytes, unsigned int n)
{
    struct paper *p = closure;

    if (p->rc == RC_OK)
        p->rc = p->sink.write(p->sink.arg, bytes, n);
    return p->rc == RC_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static int status_rc(cairo_status_t status)
{
    return status == CAIRO_STATUS_SUCCESS ? RC_OK : status == CAIRO_STATUS_NO_MEMORY ? RC_NOMEM : RC_INTERNAL;
}

/* --- a document --- */

static void describe(struct paper *p, const struct paper_about *about)
{
    char when[CLOCK_RFC3339_SIZE];

    clock_rfc3339(when, about->made_us / CLOCK_US * CLOCK_US, CLOCK_VN_OFFSET_S);
    if (about->title != NULL)
        cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, about->title);
    if (about->author != NULL)
        cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_AUTHOR, about->author);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Khop");
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, when);
}

static bool faces_make(struct paper *p)
{
    static const struct {
        const char *family;
        PangoWeight weight;
        PangoStyle style;
    } faces[FACE_COUNT] = {
        [FACE_SANS] = { "Noto Sans", PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL },
        [FACE_SANS_BOLD] = { "Noto Sans", PANGO_WEIGHT_BOLD, PANGO_STYLE_NORMAL },
        [FACE_SANS_ITALIC] = { "Noto Sans", PANGO_WEIGHT_NORMAL, PANGO_STYLE_ITALIC },
        [FACE_SERIF] = { "Noto Serif", PANGO_WEIGHT_NORMAL, PANGO_STYLE_NORMAL },
        [FACE_SERIF_BOLD] = { "Noto Serif", PANGO_WEIGHT_BOLD, PANGO_STYLE_NORMAL },
        [FACE_SERIF_ITALIC] = { "Noto Serif", PANGO_WEIGHT_NORMAL, PANGO_STYLE_ITALIC },
    };

    for (int i = 0; i < FACE_COUNT; i++) {
        p->fonts[i] = pango_font_description_new();
        if (p->fonts[i] == NULL)
            return false;
        pango_font_description_set_family_static(p->fonts[i], faces[i].family);
        pango_font_description_set_weight(p->fonts[i], faces[i].weight);
        pango_font_description_set_style(p->fonts[i], faces[i].style);
    }
    return true;
}

/* Letters keep the places that the font gives them, whatever the device; no ligatures, so that a search finds what is read. */
static bool text_make(struct paper *p, struct print_fonts *fonts)
{
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    p->context = pango_font_map_create_context(fonts->map);
    if (p->context != NULL) {
        pango_cairo_context_set_font_options(p->context, options);
        pango_cairo_context_set_resolution(p->context, 72);
        pango_context_set_round_glyph_positions(p->context, FALSE);
        pango_context_set_language(p->context, pango_language_from_string("vi"));
        p->layout = pango_layout_new(p->context);
        pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    }
    cairo_font_options_destroy(options);
    return p->layout != NULL && faces_make(p);
}

int paper_open(struct paper *p, struct print_fonts *fonts, double width, double height, const struct paper_about *about,
               struct print_sink sink)
{
    int rc;

    *p = (struct paper){ .sink = sink };
    p->surface = cairo_pdf_surface_create_for_stream(stream, p, width, height);
    rc = status_rc(cairo_surface_status(p->surface));
    if (rc == RC_OK) {
        cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_5);
        describe(p, about);
        p->cr = cairo_create(p->surface);
        rc = status_rc(cairo_status(p->cr));
    }
    if (rc == RC_OK && !text_make(p, fonts))
        rc = RC_NOMEM;
    if (rc != RC_OK)
        paper_free(p);
    return rc;
}

void paper_page_done(struct paper *p)
{
    cairo_show_page(p->cr);
}

int paper_close(struct paper *p)
{
    int rc = status_rc(cairo_status(p->cr));

    cairo_surface_finish(p->surface);
    if (p->rc == RC_OK)
        p->rc = rc != RC_OK ? rc : status_rc(cairo_surface_status(p->surface));
    rc = p->rc;
    paper_free(p);
    return rc;
}

void paper_free(struct paper *p)
{
    for (int i = 0; i < FACE_COUNT; i++)
        if (p->fonts[i] != NULL)
            pango_font_description_free(p->fonts[i]);
    if (p->layout != NULL)
        g_object_unref(p->layout);
    if (p->context != NULL)
        g_object_unref(p->context);
    if (p->rc == RC_OK)
        p->rc = RC_INTERNAL; /* what freeing would still write is of no use to anybody */
    if (p->cr != NULL)
        cairo_destroy(p->cr);
    if (p->surface != NULL)
        cairo_surface_destroy(p->surface);
    *p = (struct paper){ .rc = p->rc };
}

/* --- text --- */

static PangoAttrList *attributes(const struct paper_style *s)
{
    PangoAttrList *list = pango_attr_list_new();

    pango_attr_list_insert(list, pango_attr_font_features_new("liga=0, clig=0"));
    if (s->spacing != 0)
        pango_attr_list_insert(list, pango_attr_letter_spacing_new((int)(s->spacing * PANGO_SCALE)));
    return list;
}

static void lay_out(struct paper *p, const struct paper_style *s, double width, struct slice text)
{
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
    PangoFontDescription *font = p->fonts[s->face];
    PangoAttrList *list = attributes(s);

    pango_font_description_set_absolute_size(font, s->size * PANGO_SCALE);
    pango_layout_set_font_description(p->layout, font);
    pango_layout_set_attributes(p->layout, list);
    pango_attr_list_unref(list);
    pango_layout_set_width(p->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_alignment(p->layout, aligns[s->align]);
    pango_layout_set_line_spacing(p->layout, (float)s->leading);
    pango_layout_set_ellipsize(p->layout, s->lines > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_height(p->layout, s->lines > 0 ? -s->lines : -1);
    pango_layout_set_text(p->layout, text.n == 0 ? "" : text.p, (int)text.n);
}

static double laid_height(struct paper *p)
{
    int height;

    pango_layout_get_size(p->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double paper_text(struct paper *p, const struct paper_style *s, double x, double y, double width, struct slice text)
{
    if (text.n == 0)
        return 0;
    lay_out(p, s, width, text);
    cairo_set_source_rgb(p->cr, s->grey, s->grey, s->grey);
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, p->layout);
    return laid_height(p);
}

double paper_measure(struct paper *p, const struct paper_style *s, double width, struct slice text, double *used)
{
    PangoRectangle box;

    lay_out(p, s, width, text);
    pango_layout_get_extents(p->layout, NULL, &box);
    if (used != NULL)
        *used = (double)box.width / PANGO_SCALE;
    return text.n == 0 ? 0 : laid_height(p);
}

double paper_text_fit(struct paper *p, const struct paper_style *s, double least, double x, double y, double width, struct slice text)
{
    struct paper_style fit = *s;
    double used;

    fit.lines = 1;
    (void)paper_measure(p, s, 100000, text, &used);
    if (used > width)
        fit.size = s->size * width / used * 0.999;
    if (fit.size < least)
        fit.size = least;
    return paper_text(p, &fit, x, y, width, text);
}

double paper_fit_size(struct paper *p, const struct paper_style *s, double least, int lines, double width, struct slice text)
{
    struct paper_style fit = *s;

    fit.lines = 0;
    while (fit.size > least && paper_measure(p, &fit, width, text, NULL) > paper_measure(p, &fit, width, SLICE("A"), NULL) * (lines + 0.5))
        fit.size = fit.size - 1 > least ? fit.size - 1 : least;
    return fit.size;
}

/* --- shapes --- */

void paper_rule(struct paper *p, double x, double y, double x2, double y2, double width, double grey)
{
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    cairo_set_line_width(p->cr, width);
    cairo_move_to(p->cr, x, y);
    cairo_line_to(p->cr, x2, y2);
    cairo_stroke(p->cr);
}

void paper_dots(struct paper *p, double x, double y, double x2, double y2, double width, double on, double off, double grey)
{
    const double dash[] = { on, off };

    cairo_set_dash(p->cr, dash, 2, 0);
    paper_rule(p, x, y, x2, y2, width, grey);
    cairo_set_dash(p->cr, NULL, 0, 0);
}

void paper_tint(struct paper *p, double x, double y, double width, double height, double grey)
{
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    cairo_rectangle(p->cr, x, y, width, height);
    cairo_fill(p->cr);
}

/* A1 rows are padded to 32 bits; the first pixel is the lowest bit on a little-endian machine, the highest elsewhere. */
static void mask_fill(cairo_surface_t *mask, const struct print_qr *qr)
{
    unsigned char *data = cairo_image_surface_get_data(mask);
    int stride = cairo_image_surface_get_stride(mask);

    for (int y = 0; y < qr->side; y++)
        for (int x = 0; x < qr->side; x++)
            if (print_qr_dark(qr, x, y)) {
                unsigned char *at = &data[y * stride + x / 8];

                *at = (unsigned char)(*at | (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1u << (x % 8) : 0x80u >> (x % 8)));
            }
    cairo_surface_mark_dirty(mask);
}

void paper_qr(struct paper *p, const struct print_qr *qr, double x, double y, double side)
{
    double module = side / (qr->side + 2 * PRINT_QR_QUIET);
    cairo_surface_t *mask = cairo_image_surface_create(CAIRO_FORMAT_A1, qr->side, qr->side);
    cairo_pattern_t *pattern;

    if (cairo_surface_status(mask) != CAIRO_STATUS_SUCCESS) {
        if (p->rc == RC_OK)
            p->rc = RC_NOMEM;
        cairo_surface_destroy(mask);
        return;
    }
    mask_fill(mask, qr);
    cairo_save(p->cr);
    cairo_translate(p->cr, x + PRINT_QR_QUIET * module, y + PRINT_QR_QUIET * module);
    cairo_scale(p->cr, module, module);
    pattern = cairo_pattern_create_for_surface(mask);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_set_source_rgb(p->cr, 0, 0, 0);
    cairo_mask(p->cr, pattern);
    cairo_restore(p->cr);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(mask);
}
