/* CRC-16/IBM-3740, often called CCITT-FALSE (vietqr.md §6). */
#include "parts.h"

#include "khop/base/banned.h"

uint16_t vietqr_crc(const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    unsigned crc = 0xFFFF;

    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned)p[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        crc &= 0xFFFF;
    }
    return (uint16_t)crc;
}
