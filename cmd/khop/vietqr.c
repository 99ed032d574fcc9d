/* khop vietqr: payloads to JSON, JSON to payloads, and a drawing of the code. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vietqr.h>

#include "cmd.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/print/qr.h"

#include "khop/base/banned.h"

/* JSON names of 62.01 to 62.08, in both directions. */
static const char *const additional_names[VIETQR_ADDITIONAL_COUNT] = {
    [VIETQR_BILL_NUMBER] = "bill_number",       [VIETQR_MOBILE_NUMBER] = "mobile_number",
    [VIETQR_STORE_LABEL] = "store_label",       [VIETQR_LOYALTY_NUMBER] = "loyalty_number",
    [VIETQR_REFERENCE_LABEL] = "reference_label", [VIETQR_CUSTOMER_LABEL] = "customer_label",
    [VIETQR_TERMINAL_LABEL] = "terminal_label", [VIETQR_PURPOSE] = "purpose",
};

static bool answer_error(struct buf *out, const char *error, const char *field, const char *detail)
{
    json_t *answer = json_pack("{s:b,s:s,s:s}", "ok", 0, "error", error, "detail", detail);

    if (answer != NULL && field != NULL && field[0] != '\0')
        json_object_set_new(answer, "field", json_string(field));
    cmd_json(out, answer);
    return false;
}

/* --- decode --- */

static json_t *json_text(struct vietqr_text t)
{
    return t.bytes != NULL ? json_stringn(t.bytes, t.size) : json_null();
}

/* Fields that few payloads have appear only when they are there. */
static void set_text(json_t *answer, const char *name, struct vietqr_text t)
{
    if (t.bytes != NULL)
        json_object_set_new(answer, name, json_text(t));
}

static json_t *json_warnings(const struct vietqr *code)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < code->warning_count; i++)
        json_array_append_new(list, json_string(vietqr_warning_name(code->warnings[i])));
    return list;
}

static void set_amounts(json_t *answer, const struct vietqr *code)
{
    static const char *const tips[] = { NULL, "ask", "fixed", "percentage" };
    bool vnd = strcmp(code->currency, "704") == 0;

    /* Only đồng are given as "amount": minor units of another currency must not be taken for them. */
    json_object_set_new(answer, "amount", code->has_amount && vnd ? json_integer(code->amount) : json_null());
    if (code->has_amount && !vnd)
        json_object_set_new(answer, "amount_minor", json_integer(code->amount));
    if (code->tip != VIETQR_TIP_NONE)
        json_object_set_new(answer, "tip", json_string(tips[code->tip]));
    if (code->tip == VIETQR_TIP_FIXED)
        json_object_set_new(answer, "tip_fee", json_integer(code->fee));
    if (code->tip == VIETQR_TIP_PERCENTAGE)
        json_object_set_new(answer, "tip_hundredths_percent", json_integer(code->fee));
}

static json_t *json_code(const struct vietqr *code)
{
    const struct vietqr_bank *bank = vietqr_bank(code->bin, 6);
    json_t *answer = json_object();

    json_object_set_new(answer, "ok", json_true());
    json_object_set_new(answer, "method", json_string(code->method == VIETQR_STATIC ? "static" : "dynamic"));
    json_object_set_new(answer, "bin", json_string(code->bin));
    json_object_set_new(answer, "account", json_string(code->account));
    json_object_set_new(answer, "service", json_string(vietqr_service_name(code->service)));
    set_amounts(answer, code);
    json_object_set_new(answer, "purpose", json_text(code->additional[VIETQR_PURPOSE]));
    json_object_set_new(answer, "currency", json_string(code->currency));
    json_object_set_new(answer, "country", json_string(code->country));
    json_object_set_new(answer, "bank", bank != NULL ? json_string(bank->short_name) : json_null());
    for (int i = 0; i < VIETQR_PURPOSE; i++)
        set_text(answer, additional_names[i], code->additional[i]);
    set_text(answer, "consumer_data", code->consumer_data);
    if (code->category[0] != '\0')
        json_object_set_new(answer, "category", json_string(code->category));
    set_text(answer, "merchant_name", code->merchant_name);
    set_text(answer, "merchant_city", code->merchant_city);
    set_text(answer, "postal_code", code->postal_code);
    set_text(answer, "language", code->language);
    set_text(answer, "local_name", code->local_name);
    set_text(answer, "local_city", code->local_city);
    json_object_set_new(answer, "warnings", json_warnings(code));
    return answer;
}

static bool answer_refused(struct buf *out, const char *error, const char *detail, const struct vietqr_problem *problem)
{
    json_t *answer = json_pack("{s:b,s:s,s:s,s:s}", "ok", 0, "error", error, "kind", vietqr_kind_name(problem->kind),
                               "detail", detail);

    if (answer != NULL && problem->field[0] != '\0')
        json_object_set_new(answer, "field", json_string(problem->field));
    cmd_json(out, answer);
    return false;
}

struct decode {
    enum vietqr_mode mode;
    bool hex;
};

static bool answer_decode(const struct cmd_line *line, struct buf *out, void *arg)
{
    const struct decode *d = arg;
    uint8_t bytes[4 * VIETQR_PAYLOAD_MAX + 1];
    struct slice payload = line->text;
    struct vietqr_problem problem = { 0 };
    struct vietqr code;

    if (line->too_long || (d->hex && payload.n > 2 * sizeof bytes))
        return answer_refused(out, vietqr_error_name(VIETQR_TOO_LONG), vietqr_error_text(VIETQR_TOO_LONG), &problem);
    if (d->hex) {
        size_t n;

        if (dec_hex(payload, bytes, sizeof bytes, &n) != RC_OK)
            return answer_refused(out, "not_hex", "the line is not hexadecimal", &problem);
        payload = (struct slice){ (const char *)bytes, n };
    }
    if (vietqr_decode(payload.p, payload.n, d->mode, &code, &problem) == VIETQR_OK) {
        cmd_json(out, json_code(&code));
        return true;
    }
    /* For what is no bank transfer code the kind is the better sentence. */
    if (problem.error == VIETQR_NOT_EMV || problem.error == VIETQR_BENEFICIARY_MISSING)
        return answer_refused(out, vietqr_error_name(problem.error), vietqr_kind_text(problem.kind), &problem);
    return answer_refused(out, vietqr_error_name(problem.error), vietqr_error_text(problem.error), &problem);
}

int cmd_vietqr_decode(int argc, char **argv)
{
    struct decode d = { VIETQR_STRICT, false };
    int code;

    if (cmd_take_flag(&argc, argv, "--lenient"))
        d.mode = VIETQR_LENIENT;
    d.hex = cmd_take_flag(&argc, argv, "--hex");
    code = cmd_take_end(&argc, argv, 1, 1);
    return code == CMD_OK ? cmd_filter_or_one(argv[0], answer_decode, &d) : code;
}

/* --- encode --- */

struct wanted {
    struct vietqr code;
    const char *error, *detail; /* the first thing that is wrong */
    char member[32];            /* and where */
};

static void wrong(struct wanted *w, const char *member, const char *error, const char *detail)
{
    if (w->error != NULL)
        return;
    w->error = error;
    w->detail = detail;
    snprintf(w->member, sizeof w->member, "%s", member);
}

static void wrong_as(struct wanted *w, const char *member, enum vietqr_error error)
{
    wrong(w, member, vietqr_error_name(error), vietqr_error_text(error));
}

/* The text of a member; nothing for null and for another type, which is noted. */
static struct slice member_text(struct wanted *w, const char *member, json_t *value)
{
    if (json_is_string(value))
        return (struct slice){ json_string_value(value), json_string_length(value) };
    if (!json_is_null(value))
        wrong(w, member, "wrong_type", "this member must be a text or null");
    return (struct slice){ NULL, 0 };
}

/* Never cuts: what does not fit is the given error. */
static void take_array(struct wanted *w, const char *member, json_t *value, char *array, size_t size,
                       enum vietqr_error too_long)
{
    struct slice text = member_text(w, member, value);

    if (text.n >= size)
        wrong_as(w, member, too_long);
    else if (text.n > 0)
        memcpy(array, text.p, text.n);
}

static void take_digits(struct wanted *w, struct slice digits)
{
    if (digits.n > 13)
        wrong_as(w, "amount", VIETQR_AMOUNT_LENGTH);
    else if (num_parse(digits, 0, VIETQR_AMOUNT_MAX, true, &w->code.amount) != RC_OK)
        wrong(w, "amount", vietqr_error_name(VIETQR_AMOUNT_CHARACTER), "as a text the amount is digits only");
    else
        w->code.has_amount = 1;
}

static void take_amount(struct wanted *w, json_t *value)
{
    if (json_is_string(value)) {
        take_digits(w, member_text(w, "amount", value));
    } else if (json_is_integer(value)) {
        w->code.has_amount = 1;
        w->code.amount = json_integer_value(value);
    } else if (json_is_real(value)) {
        wrong_as(w, "amount", VIETQR_AMOUNT_DECIMALS);
    } else if (!json_is_null(value)) {
        wrong(w, "amount", "wrong_type", "the amount must be an integer, a text of digits or null");
    }
}

static void take_method(struct wanted *w, json_t *value)
{
    struct slice text = member_text(w, "method", value);

    if (slice_is(text, "static"))
        w->code.method = VIETQR_STATIC;
    else if (slice_is(text, "dynamic"))
        w->code.method = VIETQR_DYNAMIC;
    else if (text.p != NULL)
        wrong(w, "method", vietqr_error_name(VIETQR_METHOD_VALUE), "the method is static or dynamic");
}

static void take_service(struct wanted *w, json_t *value)
{
    struct slice text = member_text(w, "service", value);

    if (slice_is(text, vietqr_service_name(VIETQR_TO_ACCOUNT)))
        w->code.service = VIETQR_TO_ACCOUNT;
    else if (slice_is(text, vietqr_service_name(VIETQR_TO_CARD)))
        w->code.service = VIETQR_TO_CARD;
    else if (text.p != NULL)
        wrong_as(w, "service", VIETQR_SERVICE_VALUE);
}

static bool take_array_member(struct wanted *w, const char *name, json_t *value)
{
    struct vietqr *q = &w->code;

    if (strcmp(name, "bin") == 0)
        take_array(w, name, value, q->bin, sizeof q->bin, VIETQR_BIN_VALUE);
    else if (strcmp(name, "account") == 0)
        take_array(w, name, value, q->account, sizeof q->account, VIETQR_ACCOUNT_LENGTH);
    else if (strcmp(name, "currency") == 0)
        take_array(w, name, value, q->currency, sizeof q->currency, VIETQR_CURRENCY_VALUE);
    else if (strcmp(name, "country") == 0)
        take_array(w, name, value, q->country, sizeof q->country, VIETQR_COUNTRY_VALUE);
    else if (strcmp(name, "category") == 0)
        take_array(w, name, value, q->category, sizeof q->category, VIETQR_CATEGORY_VALUE);
    else
        return false;
    return true;
}

static bool take_text_member(struct wanted *w, const char *name, json_t *value)
{
    const struct {
        const char *name;
        struct vietqr_text *text;
    } others[] = {
        { "consumer_data", &w->code.consumer_data }, { "merchant_name", &w->code.merchant_name },
        { "merchant_city", &w->code.merchant_city }, { "postal_code", &w->code.postal_code },
    };
    struct vietqr_text *text = NULL;
    struct slice given;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i].name) == 0)
            text = others[i].text;
    for (int i = 0; i < VIETQR_ADDITIONAL_COUNT; i++)
        if (strcmp(name, additional_names[i]) == 0)
            text = &w->code.additional[i];
    if (text == NULL)
        return false;
    given = member_text(w, name, value);
    *text = (struct vietqr_text){ given.p, given.n };
    return true;
}

/* What decode says about a payload and a payload does not contain. */
static bool is_remark(const char *name)
{
    return strcmp(name, "ok") == 0 || strcmp(name, "warnings") == 0 || strcmp(name, "bank") == 0;
}

static void take_member(struct wanted *w, const char *name, json_t *value)
{
    if (strcmp(name, "amount") == 0)
        take_amount(w, value);
    else if (strcmp(name, "method") == 0)
        take_method(w, value);
    else if (strcmp(name, "service") == 0)
        take_service(w, value);
    else if (!take_array_member(w, name, value) && !take_text_member(w, name, value) && !is_remark(name))
        wrong(w, name, "unknown_member", "there is no such member");
}

static bool encode_object(json_t *object, struct buf *out)
{
    char payload[VIETQR_ENCODED_MAX];
    struct wanted w = { 0 };
    struct vietqr_problem problem;
    const char *name;
    json_t *value;
    size_t n;

    vietqr_init(&w.code);
    json_object_foreach(object, name, value)
        take_member(&w, name, value);
    if (w.error != NULL)
        return answer_error(out, w.error, w.member, w.detail);
    if (vietqr_encode(&w.code, payload, sizeof payload, &n, &problem) != VIETQR_OK)
        return answer_error(out, vietqr_error_name(problem.error), problem.field, vietqr_error_text(problem.error));
    cmd_json(out, json_pack("{s:b,s:s%}", "ok", 1, "payload", payload, n));
    return true;
}

static bool answer_encode(const struct cmd_line *line, struct buf *out, void *arg)
{
    const char *why = NULL;
    json_t *object;
    bool good;

    (void)arg;
    if (line->too_long)
        return answer_error(out, "too_long", NULL, "the line is too long");
    object = cmd_json_object(line->text, &why);
    if (object == NULL)
        return answer_error(out, "json", NULL, why);
    good = encode_object(object, out);
    json_decref(object);
    return good;
}

int cmd_vietqr_encode(int argc, char **argv)
{
    int code = cmd_take_end(&argc, argv, 1, 1);

    return code == CMD_OK ? cmd_filter_or_one(argv[0], answer_encode, NULL) : code;
}

/* --- draw --- */

#define DRAWING_MAX ((size_t)4 << 20)
#define DRAWING_PX  480

static bool level_of(const char *name, enum print_qr_level *level)
{
    static const char letters[] = "LMQH";
    static const enum print_qr_level levels[] = { PRINT_QR_L, PRINT_QR_M, PRINT_QR_Q, PRINT_QR_H };
    const char *at = name[0] != '\0' && name[1] == '\0' ? strchr(letters, name[0]) : NULL;

    if (at != NULL)
        *level = levels[at - letters];
    return at != NULL;
}

static int draw(struct slice text, enum print_qr_level level, bool svg, bool png)
{
    struct print_qr qr;
    struct buf out;
    int rc = print_qr_make(&qr, text, level);

    if (rc != RC_OK)
        return cmd_fail("%s", rc == RC_TOO_LARGE ? "the text is too long for a QR code" : "the text cannot be drawn");
    buf_init(&out, DRAWING_MAX);
    if (png)
        rc = print_qr_png(&out, &qr, DRAWING_PX, NULL, 0);
    else if (svg)
        print_qr_svg(&out, &qr, NULL);
    else
        print_qr_terminal(&out, &qr);
    if (rc == RC_OK && !out.failed)
        fwrite(out.p, 1, out.n, stdout);
    else
        rc = RC_NOMEM;
    buf_release(&out);
    print_qr_release(&qr);
    return rc == RC_OK ? CMD_OK : cmd_fail("no memory");
}

int cmd_vietqr_draw(int argc, char **argv)
{
    bool svg = cmd_take_flag(&argc, argv, "--svg"), png = cmd_take_flag(&argc, argv, "--png");
    enum print_qr_level level = PRINT_QR_M;
    const char *name = "M";
    int code;

    if (cmd_take_value(&argc, argv, "--level", &name) != RC_OK || !level_of(name, &level))
        return cmd_usage("--level is L, M, Q or H");
    if (svg && png)
        return cmd_usage("--svg or --png, not both");
    code = cmd_take_end(&argc, argv, 1, 1);
    return code == CMD_OK ? draw(slice_of(argv[0]), level, svg, png) : code;
}
