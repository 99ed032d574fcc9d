/* Rows of objects ID(2) LENGTH(2) VALUE, lengths in characters (vietqr.md §1). */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

/* The end of n characters from p; NULL when fewer are left. */
static const char *skip_characters(const char *p, const char *end, unsigned n)
{
    while (n > 0 && p < end) {
        size_t step = text_step(p, end);

        p += step > 0 ? step : 1;
        n--;
    }
    return n == 0 ? p : NULL;
}

static int two_digits(const char *p)
{
    return ascii_digit(p[0]) && ascii_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

enum vietqr_error tlv_next(const char **p, const char *end, bool inside, struct tlv_object *object)
{
    const char *header = *p, *behind;
    int length;

    object->id = -1;
    object->value = (struct vietqr_text){ NULL, 0 };
    if (skip_characters(header, end, 4) == NULL)
        return inside ? VIETQR_TEMPLATE_REST : VIETQR_HEADER_CUT;
    object->id = two_digits(header);
    if (object->id < 0)
        return VIETQR_ID_NOT_DIGITS;
    /* Both id characters are ASCII here, so two more bytes exist: at least four characters are left. */
    length = two_digits(header + 2);
    if (length < 0)
        return VIETQR_LENGTH_NOT_DIGITS;
    if (length == 0)
        return VIETQR_LENGTH_ZERO;
    behind = skip_characters(header + 4, end, (unsigned)length);
    if (behind == NULL)
        return VIETQR_VALUE_CUT;
    object->value = (struct vietqr_text){ header + 4, (size_t)(behind - (header + 4)) };
    *p = behind;
    return VIETQR_OK;
}

enum vietqr_error tlv_read(struct tlv_level *level, struct vietqr_text text, const char *parent,
                           struct vietqr_problem *problem)
{
    const char *p = text.bytes, *end = text.bytes + text.size;

    memset(level, 0, sizeof *level);
    level->first = level->last = -1;
    while (p < end) {
        struct tlv_object object;
        enum vietqr_error error = tlv_next(&p, end, parent[0] != '\0', &object);

        if (error == VIETQR_OK && level->field[object.id].bytes != NULL)
            error = VIETQR_DUPLICATE;
        if (error != VIETQR_OK)
            return problem_at(problem, error, parent, object.id);
        level->field[object.id] = object.value;
        if (level->first < 0)
            level->first = object.id;
        level->last = object.id;
        level->count++;
    }
    return VIETQR_OK;
}

enum vietqr_error problem_at(struct vietqr_problem *problem, enum vietqr_error error, const char *parent, int id)
{
    size_t n = 0;

    problem->error = error;
    /* Parents are constants of at most 5 characters. */
    while (parent[n] != '\0' && n < sizeof problem->field - 4) {
        problem->field[n] = parent[n];
        n++;
    }
    if (id >= 0 && n > 0)
        problem->field[n++] = '.';
    if (id >= 0) {
        problem->field[n++] = (char)('0' + id / 10);
        problem->field[n++] = (char)('0' + id % 10);
    }
    problem->field[n] = '\0';
    return error;
}
