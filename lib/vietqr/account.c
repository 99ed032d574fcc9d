/* Account numbers and service codes (vietqr.md §3). */
#include "parts.h"

#include "khop/base/banned.h"

static const char *const services[] = {
    [VIETQR_TO_ACCOUNT] = "QRIBFTTA",
    [VIETQR_TO_CARD] = "QRIBFTTC",
    [VIETQR_MERCHANT] = "QRPUSH",
};

#define SERVICES (sizeof services / sizeof services[0])

const char *vietqr_service_name(enum vietqr_service service)
{
    return (unsigned)service < SERVICES ? services[service] : "unknown";
}

bool service_read(struct vietqr_text name, enum vietqr_service *service)
{
    for (unsigned i = 0; i < SERVICES; i++) {
        if (text_is(name, services[i])) {
            *service = (enum vietqr_service)i;
            return true;
        }
    }
    return false;
}

static bool letter_or_digit(char c)
{
    return ascii_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum vietqr_error account_check(struct vietqr_text account, enum vietqr_service service)
{
    size_t count = text_count(account);

    if (count < 1 || count > 19)
        return VIETQR_ACCOUNT_LENGTH;
    for (size_t i = 0; i < account.size; i++)
        if (!letter_or_digit(account.bytes[i]))
            return VIETQR_ACCOUNT_CHARACTER;
    if (service == VIETQR_TO_CARD && !text_digits(account, 16) && !text_digits(account, 19))
        return VIETQR_CARD_NUMBER;
    return VIETQR_OK;
}
