/* What somebody outside does with an installed libvietqr. */
#include <stdio.h>
#include <string.h>
#include <vietqr.h>

int main(void)
{
    struct vietqr code, again;
    char payload[VIETQR_ENCODED_MAX];
    size_t n;

    vietqr_init(&code);
    memcpy(code.bin, "970405", 7);
    memcpy(code.account, "7900123450011", 14);
    code.has_amount = 1;
    code.amount = 180000;
    code.additional[VIETQR_PURPOSE] = (struct vietqr_text){ "SB7M4QX2K", 9 };
    if (vietqr_encode(&code, payload, sizeof payload, &n, NULL) != VIETQR_OK ||
        vietqr_decode(payload, n, VIETQR_STRICT, &again, NULL) != VIETQR_OK)
        return 1;
    printf("%s %s %s\n", vietqr_version(), vietqr_bank(again.bin, 6)->short_name, payload);
    return 0;
}
