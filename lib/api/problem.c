#include "khop/api/problem.h"

#include "khop/api/json.h"
#include "khop/auth/rate.h"
#include "khop/base/log.h"
#include "khop/flow/flow.h"
#include "problem_vi.h"

#include <stdio.h>

#include "khop/base/banned.h"

struct problem {
    const char *code;
    int status;
    const char *title_en, *title_vi;
};

static const struct problem PROBLEMS[] = {
    { "bad_request", 400, "The request cannot be read", "Yêu cầu không đọc được" },
    { "idempotency_key_missing", 400, "This call needs an Idempotency-Key header",
      "Lệnh này cần tiêu đề Idempotency-Key" },
    { "unauthorized", 401, "A valid API token is needed", "Cần mã truy cập hợp lệ" },
    { "forbidden", 403, "This token may not do that", "Mã truy cập này không có quyền làm việc đó" },
    { "step_up", 403, "Prove again that it is you, then repeat this", "Xin xác nhận lại danh tính rồi làm lại việc này" },
    { "not_found", 404, "There is nothing here under that name", "Không tìm thấy" },
    { "method_not_allowed", 405, "This address does not take that method", "Địa chỉ này không nhận phương thức đó" },
    { "request_timeout", 408, "The request did not arrive in time", "Yêu cầu không đến kịp thời hạn" },
    { "conflict", 409, "This contradicts what is stored", "Mâu thuẫn với dữ liệu đã lưu" },
    { "length_required", 411, "The length of the body must be stated", "Cần nêu độ dài nội dung" },
    { "too_large", 413, "The body is larger than allowed", "Nội dung lớn hơn mức cho phép" },
    { "uri_too_long", 414, "The address is too long", "Địa chỉ quá dài" },
    { "unsupported_media_type", 415, "The body must be application/json", "Nội dung phải là application/json" },
    { "misdirected", 421, "This server does not answer for that host name", "Máy chủ không phục vụ tên miền này" },
    { "invalid", 422, "Some values are not right", "Một số giá trị chưa đúng" },
    { "idempotency_key_reused", 422, "This Idempotency-Key was used with another request",
      "Idempotency-Key này đã dùng cho một yêu cầu khác" },
    { "too_many_requests", 429, "Too many requests, wait a moment", "Quá nhiều yêu cầu, xin đợi một lát" },
    { "headers_too_large", 431, "The headers are larger than allowed", "Phần tiêu đề lớn hơn mức cho phép" },
    { "internal", 500, "A fault of ours; it is in our log under the request id",
      "Lỗi của hệ thống, đã ghi lại theo mã yêu cầu" },
    { "not_implemented", 501, "That method is not known here", "Phương thức không được hỗ trợ" },
    { "unavailable", 503, "The service cannot answer now, try again in a few seconds",
      "Hệ thống tạm thời chưa trả lời được, xin thử lại sau ít giây" },
};

#define NPROBLEMS (sizeof PROBLEMS / sizeof PROBLEMS[0])

static const struct problem *problem_by_code(struct slice code)
{
    for (size_t i = 0; i < NPROBLEMS; i++) {
        if (slice_is(code, PROBLEMS[i].code))
            return &PROBLEMS[i];
    }
    return NULL;
}

static const struct problem *problem_by_status(int status)
{
    for (size_t i = 0; i < NPROBLEMS; i++) {
        if (PROBLEMS[i].status == status)
            return &PROBLEMS[i];
    }
    return problem_by_code(status < 500 ? SLICE("bad_request") : SLICE("internal"));
}

/* English is what programs log; people who say which language they read get Vietnamese unless they ask for English. */
static bool wants_vi(const struct req *rq)
{
    if (rq->lang != NULL)
        return strcmp(rq->lang, "vi") == 0;
    return req_header_count(rq, "Accept-Language") > 0 && strcmp(req_language(rq), "vi") == 0;
}

/* A sentence that has values behind its full stop keeps them. */
static const char *vi_with_values(struct arena *a, const char *detail)
{
    const char *vi = problem_vi(detail), *stop = strstr(detail, ". "), *whole;
    char *sentence;

    if (vi != detail || stop == NULL)
        return vi;
    sentence = arena_printf(a, "%.*s", (int)(stop + 1 - detail), detail);
    vi = sentence == NULL ? detail : problem_vi(sentence);
    if (sentence == NULL || vi == sentence)
        return detail;
    whole = arena_printf(a, "%s%s", vi, stop + 1);
    return whole == NULL ? detail : whole;
}

const char *api_detail(const struct req *rq, const char *detail)
{
    return wants_vi(rq) ? vi_with_values(rq->task.arena, detail) : detail;
}

const char *api_detail_in(const char *lang, const char *detail)
{
    return strcmp(lang, "vi") == 0 ? problem_vi(detail) : detail;
}

static json_t *problem_errors(const struct api_error *errors, size_t n, bool vi)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "pointer", errors[i].pointer, "code", errors[i].code,
                                              "detail", vi ? problem_vi(errors[i].detail) : errors[i].detail));
    }
    return list;
}

static int problem_reply(struct req *rq, const struct problem *p, const char *detail, json_t *errors)
{
    const struct flow *f = rq->app;
    bool vi = wants_vi(rq);
    json_t *doc = json_object();
    char *text;

    /* Somebody who guesses tokens: the same refusal, but slower. */
    if (p->status == 401 && f != NULL && auth_rate_refuse(f->refusals, rq, loop_now_ms(rq->task.loop)))
        p = problem_by_status(429);

    api_set_url(doc, "type", "%s/problems/%s", f == NULL ? "" : f->origin, p->code);
    json_object_set_new(doc, "title", json_string(vi ? p->title_vi : p->title_en));
    json_object_set_new(doc, "status", json_integer(p->status));
    json_object_set_new(doc, "code", json_string(p->code));
    if (detail != NULL)
        json_object_set_new(doc, "detail", json_string(vi ? problem_vi(detail) : detail));
    api_set_url(doc, "instance", "urn:khop:request:%s", rq->task.trace);
    if (errors != NULL)
        json_object_set_new(doc, "errors", errors);
    if (p->status == 503 || p->status == 429)
        reply_header(rq, "Retry-After", SLICE("5"));
    if (p->status == 401)
        reply_header(rq, "WWW-Authenticate", SLICE("Bearer"));
    text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    if (text == NULL)
        return reply(rq, p->status, NULL, (struct slice){ 0 });
    reply_header(rq, "Content-Language", vi ? SLICE("vi") : SLICE("en"));
    int rc = reply(rq, p->status, "application/problem+json", slice_of(text));

    free(text);
    return rc;
}

/* A parameter of the address is wrong: in words, and by its name in errors[]. */
static int query_reply(struct req *rq, const struct api_error *e)
{
    const char *said = api_detail(rq, e->detail), *detail = arena_printf(rq->task.arena, "%s: %s", e->pointer, said);
    json_t *errors = json_pack("[{s:s, s:s, s:s}]", "parameter", e->pointer, "code", e->code, "detail", said);

    return problem_reply(rq, problem_by_code(SLICE("bad_request")), detail, errors);
}

/* How much this address takes, in words; NULL when there is no such limit. */
static const char *limit_detail(struct req *rq)
{
    int64_t max = req_body_limit(rq);
    bool large = max >= 1024 * 1024;

    return max == 0 ? NULL
                    : arena_printf(rq->task.arena, wants_vi(rq) ? "Ở đây nhận nhiều nhất %lld %s." : "At most %lld %s are taken here.",
                                   (long long)(large ? max >> 20 : max >> 10), large ? "MiB" : "KiB");
}

int api_problem(struct req *rq, const char *code, const char *detail)
{
    const struct problem *p = problem_by_code(slice_of(code));

    return problem_reply(rq, p != NULL ? p : problem_by_status(500), detail, NULL);
}

int api_problem_invalid(struct req *rq, const struct api_error *errors, size_t n)
{
    return problem_reply(rq, problem_by_code(SLICE("invalid")), NULL, problem_errors(errors, n, wants_vi(rq)));
}

static const char *code_of_rc(int rc)
{
    switch ((enum rc)rc) {
    case RC_BAD_INPUT:
        return "bad_request";
    case RC_TOO_LARGE:
        return "too_large";
    case RC_NOT_FOUND:
        return "not_found";
    case RC_CONFLICT:
        return "conflict";
    case RC_UNAUTHORIZED:
        return "unauthorized";
    case RC_FORBIDDEN:
        return "forbidden";
    case RC_STALE:
        return "step_up";
    case RC_NOMEM:
    case RC_UNAVAILABLE:
    case RC_TIMEOUT:
    case RC_UNKNOWN:
    case RC_BUSY:
        return "unavailable";
    case RC_OK:
    case RC_INTERNAL:
    case RC_IO:
        return "internal";
    }
    return "internal";
}

void api_fail(struct req *rq, int rc)
{
    if (rc == RC_INTERNAL || rc == RC_IO)
        log_error("request_failed", "trace=%s rc=%s", rq->task.trace, rc_name(rc));
    if (rc == RC_BAD_INPUT && rq->wrong != NULL)
        query_reply(rq, rq->wrong);
    else
        api_problem(rq, code_of_rc(rc), rc == RC_TOO_LARGE ? limit_detail(rq) : NULL);
}

void api_fail_status(struct req *rq, int status)
{
    problem_reply(rq, problem_by_status(status), status == 413 ? limit_detail(rq) : NULL, NULL);
}

int api_problem_page(struct req *rq)
{
    const struct problem *p = problem_by_code(rq->params[0]);

    if (p == NULL)
        return RC_NOT_FOUND;
    return api_reply(rq, 200, json_pack("{s:s, s:i, s:{s:s, s:s}}", "code", p->code, "status", p->status, "title", "en",
                                        p->title_en, "vi", p->title_vi));
}
