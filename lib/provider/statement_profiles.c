/* Shapes seen in published statements (reference ledger.md §7). A bank changes a title now and then: then it is added here. */
#include "statement_profiles.h"

#include "khop/base/banned.h"

const char *const statement_common_names[COLS] = {
    [COL_DATE] = "ngày giao dịch|ngày gd|ngày|ngày hạch toán|ngày ghi sổ|ngày phát sinh|transaction date|tnx date|trans date|posting date|booking date|date|ngày thực hiện",
    [COL_VALUE_DATE] = "ngày hiệu lực|ngày giá trị|value date|effective date|ngày yêu cầu|requesting date|ngày chứng từ",
    [COL_TIME] = "giờ|giờ giao dịch|thời gian|time|transaction time|trans time",
    [COL_REFERENCE] = "số tham chiếu|số bút toán|mã giao dịch|số ct|số chứng từ|mã tham chiếu|reference|reference no|reference number|ref no|ref|doc no|transaction id|transaction no|seq no|số giao dịch|mã gd",
    [COL_DEBIT] = "ghi nợ|nợ|phát sinh nợ|ps nợ|số tiền ghi nợ|debit|debit amount|tiền ra|số tiền ra|chi|withdrawal|rút ra",
    [COL_CREDIT] = "ghi có|có|phát sinh có|ps có|số tiền ghi có|credit|credit amount|tiền vào|số tiền vào|thu|deposit|gửi vào",
    [COL_AMOUNT] = "số tiền|số tiền giao dịch|amount|transaction amount|phát sinh",
    [COL_SIGN] = "loại giao dịch|loại|nợ có|d c|dr cr|c d|type|debit credit|transaction type|dấu",
    [COL_BALANCE] = "số dư|số dư sau giao dịch|số dư cuối|số dư lũy kế|balance|running balance|ending balance|balance after|accumulated",
    [COL_MEMO] = "diễn giải|nội dung|nội dung giao dịch|nội dung chi tiết|nội dung chuyển khoản|mô tả|chi tiết giao dịch|mô tả giao dịch|description|transactions in detail|details|transaction "
                 "details|remark|remarks|narrative|memo|content|trace",
    [COL_COUNTER_NAME] = "tên người chuyển|tên đối ứng|tên tài khoản đối ứng|người chuyển|người thụ hưởng|tên người hưởng|remitter name|counterparty|counter account name|offset name|đơn vị thụ "
                         "hưởng|remitter account name|tên tài khoản chuyển",
    [COL_COUNTER_ACCOUNT] = "tài khoản đối ứng|số tài khoản đối ứng|tk đối ứng|số tài khoản chuyển|offset account|counter account|counterparty account|remitter account|corresponsive account|remitter "
                            "account number|số tài khoản người chuyển",
    [COL_COUNTER_BANK] = "ngân hàng đối ứng|ngân hàng chuyển|remitter bank|counter bank|corresponsive bank|ngân hàng người chuyển",
};

const struct statement_profile statement_profiles[] = {
    { /* date + document number repeats on 3.6 % of its rows */
      .name = "vietcombank",
      .marks = { "tnx date", "doc no" },
      .letterhead = "vietcombank|ngoại thương",
      .date_form = SHEET_DAY_FIRST,
      .ref_unique = false },
    { .name = "techcombank",
      .marks = { "requesting date|ngày yêu cầu", "số bút toán|reference" },
      .letterhead = "techcombank|kỹ thương",
      .names = { [COL_DATE] = "ngày giao dịch|transaction date" },
      .date_form = SHEET_DAY_FIRST,
      .ref_unique = true },
    { /* no reference at all */
      .name = "vietinbank",
      .marks = { "offset account|corresponsive account|tài khoản đối ứng|số tài khoản đối ứng|tk đối ứng", "nợ|debit|ghi nợ", "có|credit|ghi có" },
      .letterhead = "vietinbank|công thương",
      .date_form = SHEET_DAY_FIRST,
      .ref_unique = false },
    { /* unique but for one in a thousand: equal references are told apart by amount and order */
      .name = "agribank",
      .marks = { NULL },
      .letterhead = "agribank|nông nghiệp và phát triển nông thôn",
      .date_form = SHEET_DAY_FIRST,
      .ref_unique = true },
    { .name = "generic", .marks = { NULL }, .date_form = SHEET_DAY_FIRST, .ref_unique = false },
};
const size_t statement_profiles_count = sizeof statement_profiles / sizeof statement_profiles[0];
