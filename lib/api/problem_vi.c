/* What problem documents say in detail, in Vietnamese. The English sentence in the code is the key, as with gettext; a test
 * holds this table against the code (tests/api/words.test.mjs). */
#include "problem_vi.h"

#include <string.h>

#include "khop/base/banned.h"

static const struct {
    const char *en, *vi;
} DETAILS[] = {
    { "A payout needs an amount.", "Khoản chi trả cần có số tiền." },
    { "A payout needs the account that is paid.", "Khoản chi trả cần có tài khoản người nhận." },
    { "An account number has letters and digits only.", "Số tài khoản chỉ gồm chữ cái và chữ số." },
    { "Control characters are not allowed.", "Không được có ký tự điều khiển." },
    { "No VietQR code can be made for this account: check bin and account_no.",
      "Không tạo được mã VietQR cho tài khoản này: xin kiểm tra bin và account_no." },
    { "Only a payout has a payee.", "Chỉ khoản chi trả mới có người nhận." },
    { "Send one key of 1 to 255 characters, new for each new code.",
      "Gửi một khóa dài 1 đến 255 ký tự, mỗi mã mới một khóa mới." },
    { "Something has been paid on this code already; it cannot be cancelled.", "Mã này đã có tiền nộp vào nên không hủy được." },
    { "The body is nested deeper than 16 levels.", "Nội dung lồng nhau quá 16 cấp." },
    { "The body must be one JSON object without repeated members.",
      "Nội dung phải là một đối tượng JSON, không có thành phần lặp lại." },
    { "There is a member here that is not known.", "Ở đây có một thành phần không được biết đến." },
    { "This account is registered for another organisation.", "Tài khoản này đã đăng ký cho một đơn vị khác." },
    { "This is not the id of such a thing.", "Đây không phải mã định danh của loại này." },
    { "This is the last active secret; add the new one first.",
      "Đây là khóa bí mật cuối cùng còn dùng; xin thêm khóa mới trước." },
    { "This looks like the number of a card; card data is not kept here.",
      "Nội dung này giống số thẻ; hệ thống không lưu dữ liệu thẻ." },
    { "This member is needed.", "Cần có thành phần này." },
    { "This must be a date such as 2026-11-30.", "Phải là một ngày, ví dụ 2026-11-30." },
    { "This must be a time such as 2026-11-30T17:00:00+07:00.", "Phải là một thời điểm, ví dụ 2026-11-30T17:00:00+07:00." },
    { "This must be a whole number, without quotes, point or exponent.",
      "Phải là số nguyên, không có dấu nháy, dấu chấm hay số mũ." },
    { "This must be an object.", "Phải là một đối tượng JSON." },
    { "This must be fee, stall, payout, service or card.", "Phải là fee, stall, payout, service hoặc card." },
    { "This must be sepay, casso, payos, vietqrvn or standardwebhooks.",
      "Phải là sepay, casso, payos, vietqrvn hoặc standardwebhooks." },
    { "This must be text.", "Phải là văn bản." },
    { "This must be the six digits of the bank.", "Phải là sáu chữ số của ngân hàng." },
    { "This number is outside what is allowed.", "Số này nằm ngoài khoảng cho phép." },
    { "This organisation has no such account.", "Đơn vị không có tài khoản này." },
    { "This provider has no such mode; see /openapi.json.", "Nhà cung cấp này không có chế độ đó; xin xem /openapi.json." },
    { "This secret does not have the form that this provider gives out.",
      "Khóa bí mật không đúng dạng mà nhà cung cấp này cấp." },
    { "This text is too short or too long.", "Văn bản quá ngắn hoặc quá dài." },
    { "Three secrets are active already; end one of them first.",
      "Đã có ba khóa bí mật đang dùng; xin ngừng một khóa trước." },
    { "Use a new key for a new request.", "Yêu cầu mới xin dùng khóa mới." },
    { "account must be the id of an account.", "account phải là mã định danh của một tài khoản." },
    { "limit must be 1 to 200, after a cursor that this list gave.",
      "limit phải từ 1 đến 200, after phải là con trỏ do danh sách này trả về." },
    { "state must be one of those that an exception can have; see /openapi.json.",
      "state phải là một trạng thái của khoản chờ xử lý; xin xem /openapi.json." },
    { "status must be one of those that a code can have; see /openapi.json.",
      "status phải là một trạng thái của mã thanh toán; xin xem /openapi.json." },
    { "year must be a year such as 2026.", "year phải là một năm, ví dụ 2026." },
    { "A batch is text/csv, or application/jsonl with one object a line.",
      "Tệp phải là text/csv, hoặc application/jsonl với mỗi dòng một đối tượng." },
    { "A quote is opened and not closed on this line.",
      "Dòng này có dấu ngoặc kép mở mà không đóng." },
    { "A quote stands inside a field: put the whole field in quotes and double the quotes in it.",
      "Có dấu ngoặc kép giữa ô: xin đặt cả ô trong ngoặc kép và viết đôi các dấu bên trong." },
    { "Each line must be one JSON object without repeated members.",
      "Mỗi dòng phải là một đối tượng JSON, không có thành phần lặp lại." },
    { "Only a comma or the end of the line may follow a closing quote.",
      "Sau dấu ngoặc kép đóng chỉ được là dấu phẩy hoặc hết dòng." },
    { "Send one key of 1 to 255 characters, new for each new file.",
      "Gửi một khóa dài 1 đến 255 ký tự, mỗi tệp mới một khóa mới." },
    { "The first line must name the columns, separated by commas: account, kind, amount, label, payer_ref, payer_name, due_on, expires_at.",
      "Dòng đầu phải ghi tên các cột, cách nhau bằng dấu phẩy: account, kind, amount, label, payer_ref, payer_name, due_on, expires_at." },
    { "The first line names a column twice.",
      "Dòng đầu ghi một cột hai lần." },
    { "There are more fields on this line than there are columns.",
      "Dòng này có nhiều ô hơn số cột." },
    { "There is no code in this file.",
      "Tệp này không có mã nào." },
    { "This could not be worked on. The reason is in the server's log.",
      "Không xử lý được việc này. Nguyên nhân đã ghi trong nhật ký máy chủ." },
    { "This job does not ask for anything.",
      "Việc này không chờ xác nhận." },
    { "This job has ended already.",
      "Việc này đã kết thúc." },
    { "This line has more or fewer fields than the first line names.",
      "Dòng này có nhiều hoặc ít ô hơn số cột ở dòng đầu." },
    { "This line is empty.",
      "Dòng này trống." },
    { "This line is longer than 16 KiB.",
      "Dòng này dài quá 16 KiB." },
    { "This line is not UTF-8 text.",
      "Dòng này không phải văn bản UTF-8." },
    { "Twenty jobs of this organisation are waiting already.",
      "Đơn vị đã có hai mươi việc đang chờ." },
};

const char *problem_vi(const char *en)
{
    for (size_t i = 0; i < sizeof DETAILS / sizeof DETAILS[0]; i++) {
        if (strcmp(DETAILS[i].en, en) == 0)
            return DETAILS[i].vi;
    }
    return en;
}
