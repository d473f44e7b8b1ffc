"""What a person reads for each HTTP status: where nobody raised an error of ours (an address that
is none, a method, a size), for a fault of the program, and above an error that has no title."""

from __future__ import annotations

from collections.abc import Mapping

from directory.errors import Sentence, Words

_RELOAD = Words(
    "Hãy tải lại trang để xem dữ liệu hiện tại rồi thực hiện lại thay đổi.",
    "Reload the page to see the current data, then make your change again.",
)
_WAIT = Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again.")
_FRONT_PAGE = Words("Hãy bắt đầu lại từ trang chủ.", "Start again from the front page.")

OF_STATUS: Mapping[int, Sentence] = {
    400: Sentence(
        Words(
            "Địa chỉ hoặc dữ liệu gửi lên bị thiếu hoặc bị hỏng.",
            "The address or the data sent is incomplete or damaged.",
        ),
        Words(
            "Hãy quay lại và thử lại, hoặc bắt đầu từ trang chủ.",
            "Go back and try again, or start from the front page.",
        ),
    ),
    401: Sentence(
        Words(
            "Trang này chỉ dành cho người đã đăng nhập.",
            "Only those who are signed in see this page.",
        ),
        Words(
            "Hãy đăng nhập rồi mở lại trang này.",
            "Sign in, then open this page again.",
        ),
    ),
    403: Sentence(
        Words("Anh/Chị không có quyền thực hiện chức năng này.", "You may not do this."),
        Words(
            "Nếu cần cho công việc, hãy đề nghị quản trị viên của đơn vị.",
            "If you need it for your work, ask the administrator of your agency.",
        ),
    ),
    404: Sentence(
        Words(
            "Trang này không tồn tại hoặc Anh/Chị không có quyền xem.",
            "There is no such page, or you may not see it.",
        ),
        Words(
            "Hãy kiểm tra lại địa chỉ hoặc bắt đầu lại từ trang chủ.",
            "Check the address, or start again from the front page.",
        ),
    ),
    405: Sentence(
        Words(
            "Địa chỉ này không dùng được theo cách đó.",
            "This address cannot be used in that way.",
        ),
        _FRONT_PAGE,
    ),
    409: Sentence(
        Words(
            "Dữ liệu vừa được người khác cập nhật.",
            "The data was changed by someone else meanwhile.",
        ),
        _RELOAD,
    ),
    413: Sentence(
        Words(
            "Hệ thống không nhận chừng ấy trong một lần gửi nên chưa lưu gì.",
            "This system does not accept that much at once, so nothing was kept.",
        ),
        Words(
            "Hãy gửi ít hơn mỗi lần, ví dụ một tệp nhỏ hơn.",
            "Send less at once, for example a smaller file.",
        ),
    ),
    414: Sentence(
        Words(
            "Liên kết hoặc ứng dụng đã đưa vào địa chỉ nhiều hơn mức hệ thống đọc được.",
            "A link or an application put more into the address than this system reads.",
        ),
        _FRONT_PAGE,
    ),
    421: Sentence(
        Words(
            "Hệ thống không hoạt động tại địa chỉ vừa mở. Địa chỉ đúng là:",
            "This system is not served under the address you opened. The right address is:",
        )
    ),
    429: Sentence(
        Words(
            "Trong thời gian ngắn có quá nhiều yêu cầu nên yêu cầu vừa rồi chưa được thực hiện.",
            "So much came within a short time that the last request was not carried out.",
        ),
        _WAIT,
    ),
    431: Sentence(
        Words(
            "Trình duyệt gửi kèm nhiều cookie hơn mức hệ thống chấp nhận, thường là cookie của các "
            "trang khác.",
            "The browser sent more cookies than this system accepts, usually those of other sites.",
        ),
        Words(
            "Anh/Chị xóa cookie của địa chỉ này hoặc mở cửa sổ ẩn danh rồi thử lại.",
            "Delete the cookies of this address, or open a private window, and try again.",
        ),
    ),
    500: Sentence(
        Words(
            "Yêu cầu chưa hoàn thành do trục trặc ở phía hệ thống. Sự việc đã được ghi nhận.",
            "A fault on our side stopped the request; it has been recorded.",
        ),
        Words(
            "Vui lòng thử lại. Nếu vẫn gặp, hãy báo mã hỗ trợ dưới đây cho đơn vị vận hành.",
            "Please try again. If it happens again, report the support code below.",
        ),
    ),
    503: Sentence(
        Words(
            "Một phần của hệ thống hiện chưa trả lời.",
            "A part of the system does not answer at the moment.",
        ),
        _WAIT,
    ),
}

TITLES: Mapping[int, Words] = {
    400: Words("Yêu cầu không hợp lệ", "The request is not valid"),
    401: Words("Vui lòng đăng nhập", "Please sign in"),
    403: Words("Không được phép", "Not allowed"),
    404: Words("Không tìm thấy trang", "Page not found"),
    405: Words("Yêu cầu không hợp lệ", "The request is not valid"),
    409: Words("Dữ liệu đã thay đổi", "The data has changed"),
    413: Words("Dữ liệu quá lớn", "Too much data"),
    414: Words("Địa chỉ quá dài", "The address is too long"),
    421: Words("Sai địa chỉ", "Wrong address"),
    429: Words("Quá nhiều lần thử", "Too many attempts"),
    431: Words("Dữ liệu quá lớn", "Too much data"),
    500: Words("Đã có trục trặc", "Something went wrong"),
    503: Words("Tạm thời chưa dùng được", "Not available at the moment"),
}
