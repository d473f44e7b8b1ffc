"""What is wrong with a spreadsheet, as a whole or in a cell of it."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

_SAVE_AS_XLSX = Words(
    "Trong Excel, chọn Tệp → Lưu thành, kiểu “Sổ làm việc Excel (*.xlsx)”, rồi gửi lại tệp mới.",
    "In Excel choose File → Save as, type “Excel Workbook (*.xlsx)”, then send the new file.",
)
_SPLIT = Words(
    "Hãy chia thành nhiều tệp nhỏ hơn rồi gửi lần lượt.",
    "Divide it into several smaller files, then send one after the other.",
)

SHEET_EMPTY = ErrorCode(
    "sheet.empty",
    Words("Tệp không có dòng dữ liệu nào.", "The file holds no rows."),
)
SHEET_TOO_LARGE = ErrorCode(
    "sheet.too_large",
    Words(
        "Tệp quá lớn; hệ thống đọc tệp không quá {most} MB.",
        "The file is too large; files of up to {most} MB are read.",
    ),
    advice=_SPLIT,
)
SHEET_UNPACKS_TOO_LARGE = ErrorCode(
    "sheet.unpacks_too_large",
    Words(
        "Tệp được nén quá mức: nội dung sau khi mở lớn hơn nhiều lần so với một bảng tính bình "
        "thường nên hệ thống không mở.",
        "The file is packed too tightly: opened, it would be many times larger than an ordinary "
        "spreadsheet, so it is not opened.",
    ),
    advice=Words(
        "Hãy chép riêng phần dữ liệu sang một sổ làm việc mới, lưu thành .xlsx rồi gửi lại.",
        "Copy the data alone into a new workbook, save it as .xlsx, then send that.",
    ),
)
SHEET_TOO_LONG = ErrorCode(
    "sheet.too_long",
    Words(
        "Bảng có quá nhiều dòng; hệ thống đọc không quá {most} dòng mỗi lần.",
        "The table has too many rows; up to {most} rows are read at once.",
    ),
    advice=_SPLIT,
)
SHEET_TOO_WIDE = ErrorCode(
    "sheet.too_wide",
    Words(
        "Bảng có quá nhiều cột; hệ thống đọc không quá {most} cột.",
        "The table has too many columns; up to {most} are read.",
    ),
    advice=Words(
        "Hãy xóa các cột không dùng ở bên phải bảng.",
        "Delete the columns right of the table that are not used.",
    ),
)
SHEET_TOO_SLOW = ErrorCode(
    "sheet.too_slow",
    Words(
        "Đọc tệp này mất quá nhiều thời gian nên hệ thống đã dừng; chưa có gì được nhận.",
        "Reading this file took too long, so it was given up; nothing was taken over.",
    ),
    advice=Words(
        "Hãy chép riêng phần dữ liệu sang một sổ làm việc mới, lưu thành .xlsx rồi gửi lại.",
        "Copy the data alone into a new workbook, save it as .xlsx, then send that.",
    ),
)
SHEET_DAMAGED = ErrorCode(
    "sheet.damaged",
    Words(
        "Tệp bị hỏng hoặc chưa được tải lên trọn vẹn nên không đọc được.",
        "The file is damaged or did not arrive whole, so it cannot be read.",
    ),
    advice=Words(
        "Hãy mở lại tệp bằng Excel, lưu thành .xlsx rồi gửi lại.",
        "Open the file in Excel, save it as .xlsx, then send it again.",
    ),
)
SHEET_MACROS = ErrorCode(
    "sheet.macros",
    Words(
        "Tệp có chứa macro (.xlsm, .xlsb); vì an toàn, hệ thống không nhận tệp có macro.",
        "The file holds macros (.xlsm, .xlsb); for safety files with macros are not taken.",
    ),
    advice=_SAVE_AS_XLSX,
)
SHEET_OLD_EXCEL = ErrorCode(
    "sheet.old_excel",
    Words(
        "Đây là tệp Excel kiểu cũ (.xls), hệ thống không đọc.",
        "This is a file of the old Excel (.xls), which is not read.",
    ),
    advice=_SAVE_AS_XLSX,
)
SHEET_PROTECTED = ErrorCode(
    "sheet.protected",
    Words(
        "Tệp được đặt mật khẩu mở nên hệ thống không đọc được.",
        "The file is protected by a password, so it cannot be read.",
    ),
    advice=Words(
        "Trong Excel, chọn Tệp → Thông tin → Bảo vệ sổ làm việc → Mã hóa bằng mật khẩu, xóa mật "
        "khẩu, lưu rồi gửi lại.",
        "In Excel choose File → Info → Protect Workbook → Encrypt with Password, delete the "
        "password, save, then send it again.",
    ),
)
SHEET_OTHER_KIND = ErrorCode(
    "sheet.other_kind",
    Words(
        "Tệp này không phải là bảng tính .xlsx hoặc .csv.",
        "This file is neither an .xlsx nor a .csv spreadsheet.",
    ),
    advice=_SAVE_AS_XLSX,
)
SHEET_ENCODING = ErrorCode(
    "sheet.encoding",
    Words(
        "Không đọc được chữ trong tệp CSV: tệp không ở dạng Unicode (UTF-8).",
        "The letters of this CSV file cannot be read: it is not Unicode (UTF-8).",
    ),
    advice=Words(
        "Trong Excel, lưu thành kiểu “CSV UTF-8” hoặc, tốt hơn, “Sổ làm việc Excel (*.xlsx)”, rồi "
        "gửi lại.",
        "In Excel save it as “CSV UTF-8” or, better, “Excel Workbook (*.xlsx)”, then send that.",
    ),
)
SHEET_OLD_FONT = ErrorCode(
    "sheet.old_font",
    Words(
        "Chữ trong bảng được gõ theo bảng mã cũ (TCVN3 hoặc VNI), hệ thống chỉ đọc Unicode.",
        "The letters of this table are those of an old font (TCVN3 or VNI); only Unicode is read.",
    ),
    advice=Words(
        "Hãy chuyển mã bảng sang Unicode (ví dụ bằng chức năng chuyển mã của bộ gõ tiếng Việt), "
        "lưu rồi gửi lại.",
        "Convert the table to Unicode (Vietnamese keyboards come with a converter), save it, then "
        "send it again.",
    ),
)
SHEET_NO_HEADER = ErrorCode(
    "sheet.no_header",
    Words(
        "Không tìm thấy dòng tiêu đề của bảng. Bảng cần có các cột: {columns}.",
        "No heading row was found. The table needs the columns: {columns}.",
    ),
    advice=Words(
        "Hãy ghi tên các cột ở dòng đầu của bảng, có dấu hay không dấu đều được.",
        "Write the names of the columns above the table, with or without diacritics.",
    ),
)
SHEET_COLUMN_TWICE = ErrorCode(
    "sheet.column_twice",
    Words(
        "Cột “{column}” có hai lần trong dòng tiêu đề (dòng {row}).",
        "The column “{column}” stands twice in the heading row (row {row}).",
    ),
    advice=Words("Hãy xóa hoặc đổi tên một cột.", "Delete or rename one of them."),
)
SHEET_SEVERAL = ErrorCode(
    "sheet.several",
    Words(
        "Nhiều trang tính trong tệp cùng có bảng này: {sheets}.",
        "Several sheets of the file hold such a table: {sheets}.",
    ),
    advice=Words(
        "Hãy giữ lại một trang tính cần nhận, hoặc ẩn các trang khác, rồi gửi lại.",
        "Keep the one to be taken over, or hide the others, then send it again.",
    ),
)

# What is wrong in a cell: the rest of the row is read all the same.
CELL_FAILED = ErrorCode(
    "cell.failed",
    Words(
        "Ô chứa lỗi của công thức ({value}).",
        "The cell holds the error of a formula ({value}).",
    ),
)
CELL_NOT_WORKED_OUT = ErrorCode(
    "cell.not_worked_out",
    Words(
        "Ô chứa công thức chưa có kết quả; hãy mở tệp bằng Excel rồi lưu lại, hoặc gõ giá trị.",
        "The cell holds a formula without its result; open the file in Excel and save it, or type "
        "the value.",
    ),
)
CELL_ROUNDED = ErrorCode(
    "cell.rounded",
    Words(
        "Số “{value}” đã bị Excel làm tròn nên mất chữ số; hãy đặt cột kiểu Văn bản rồi gõ lại.",
        "Excel has rounded the number “{value}”, so digits are lost; format the column as Text, "
        "then type it again.",
    ),
)
CELL_DATE = ErrorCode(
    "cell.date",
    Words(
        "“{value}” không phải là ngày hợp lệ; hãy ghi theo dạng 31/12/2026.",
        "“{value}” is not a date; write it as 31/12/2026.",
    ),
)
CELL_LONG = ErrorCode(
    "cell.long",
    Words(
        "Nội dung ô quá dài; tối đa {most} ký tự.",
        "The cell holds too much; at most {most} characters.",
    ),
)

ERRORS = (
    SHEET_EMPTY,
    SHEET_TOO_LARGE,
    SHEET_UNPACKS_TOO_LARGE,
    SHEET_TOO_LONG,
    SHEET_TOO_WIDE,
    SHEET_TOO_SLOW,
    SHEET_DAMAGED,
    SHEET_MACROS,
    SHEET_OLD_EXCEL,
    SHEET_PROTECTED,
    SHEET_OTHER_KIND,
    SHEET_ENCODING,
    SHEET_OLD_FONT,
    SHEET_NO_HEADER,
    SHEET_COLUMN_TWICE,
    SHEET_SEVERAL,
    CELL_FAILED,
    CELL_NOT_WORKED_OUT,
    CELL_ROUNDED,
    CELL_DATE,
    CELL_LONG,
)
