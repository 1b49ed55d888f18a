"""What a finding found and expected, as values; and ``in_words``, the one function that turns such
values into Chinese for JSON, workbooks, mails and terminals.

A finding is made far from where it is read. It contains numbers, places, texts quoted from the
file, lists of these, and members of ``Phrase``, but no finished sentence. So findings can be
compared, counted and narrowed to some of their cells without taking sentences apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from xltools.model.cells import Address, Area, column_name
from xltools.model.equation import Equation
from xltools.model.numbers import show
from xltools.model.text import listed

FEW = 3  # figures that a message lists
SEVERAL = 5  # contents of cells that a message lists


class Worded(Enum):
    """An enum whose values are words for people, such as kinds of files and states of units."""

    def __str__(self) -> str:
        return in_words(self)


class NamingPlace(Worded):
    """A place in which a return names its unit or its year."""

    FILE = "文件名"
    FOLDER = "所在文件夹或压缩包的名称"
    SENDER = "发件人"
    TITLE = "表的标题"
    COVER = "填报页"
    TABLE = "表内的单位"
    PAGE = "网页标题"
    SENTENCE = "正文首句"
    PERIOD = "统计期限"
    DAY = "落款日期"
    AGENCY = "落款"


class Phrase(Worded):
    """The phrases that may be inserted into the messages of the catalogue; each pair of braces is a
    place for a value.

    A phrase without braces is used as it is; one with braces is called with its values:
    ``Phrase.BLANK_CELLS(3)``.
    """

    # Figures
    BLANK = "空白"
    BLANK_CELLS = "空白 {} 格"
    RULE_OFF_AT = "“{}”在“{}”差 {}"
    OFF_AT = "“{}”差 {}"
    BOTH = "{} 和 {}"
    UNIT_AND_LAST_YEAR = "{}，上年为 {}"
    TOTAL_PENDING = "（待各项改正后计）"
    COUNTED_AS = "{} 计为 {}"
    NOW_COUNTED = "现把 {}"
    NOT_CONVERTED = "{} 没有折算"
    STRUCK_OUT = "{}（已划去或隐藏）"
    NOT_SHOWN = "（不显示）"
    # Tables
    HEADING_ABOVE = "“{}”上方的表头"
    MISSING_INSTEAD = "{}（表中另有{}的“{}”）"
    EDITION_OF_YEAR = "{}年版"
    EDITION_NAMED = "“{}”版"
    OTHER_YEAR_TITLE = "标题写明的年度不同"
    REPORTS = "{} 份"
    AND_OTHERS = "{}等 {} 份"
    CELLS_FROM = "{}等{}格"
    HIDDEN_SHEET = "{}（隐藏的工作表，右键任一工作表标签选“取消隐藏”可见）"
    BURIED_SHEET = (
        "{}（深度隐藏的工作表，“取消隐藏”里没有，只有宏能显示；要去掉它，请改用下发的空白模板）"
    )
    ON_SHEET = "在工作表“{}”"
    ON_SHEET_FROM = "在工作表“{}”的 {} 起"
    # Years
    IN_YEAR = "{}年"
    YEAR_AT = "{}为{}年"
    COUNTED_AS_YEAR = "，按本次的{}年计"
    YEAR_FROM = "，按{}认定为{}年"
    # Units
    LIKE_UNITS = "，像是“{}”"
    PERHAPS_UNITS = "，是否为“{}”？确认的，写入名录的“别名”栏"
    IN_FILE = "{} {}"
    NAMES_UNIT = "{}写的是“{}”"
    POINTS_TO = "{}指向“{}”"
    SENDER_OF = "发件人的邮箱在名录中是“{}”的"
    UNIT_BY = "{}这是“{}”的表"
    BOTH_SOURCES = "{}和{}"
    BY_ONE = "：只有{}"
    BY_SEVERAL = "：{}"
    FORM_OF = "{}（{}）"
    # Where all files fail alike
    ALL_OF_YEAR = "全部 {} 个文件都是 {} 年的，是否应为 --year {}？"
    ALL_OF_FORM = "全部 {} 个文件都是 {} 的表，是否应为 --form {}？"
    ALL_WITHOUT_TABLE = (
        "全部 {} 个文件都没有“{}”的表，是否用错了 --form {}？自带的表式见 xltools form list。"
    )
    # Decisions
    DECISION_ON = "{} {}"
    TAKEN_FOR = "认定为“{}”"
    THIS_COUNTS = "以这一份为准"
    COUNTS_INSTEAD = "以 {} 为准"
    COMBINED_WITH = "与 {} 拼合"
    ALSO_CAME = "又收到 {}"
    GONE_OR_CHANGED = "{} 已不在或内容已变"
    UNIT_SENT = "已收到该单位的报表 {}"
    WAS_NOW = "{} 原为 {}，现为 {}"
    BASIS_UNLIKE = "“原值”与现在的数对不上"
    NOT_ACCEPTABLE = "{} 这类问题不能认可"
    NO_SINGLE_FILE = "没有收到唯一的“{}”"
    COMPUTED_TOTAL = "{} 是由各项相加得出的合计，请更正各项"
    FILE_GIVES = "{} 填 {}"
    CELL_IS_GIVEN = "{}（{}）"
    FILLED_UNLIKE = "同一格填得不同：{}"
    BY_DECISION = "按决定{}"
    CORRECTED = "按决定更正 {} 处：{}"
    CORRECTED_AT = "{} {}→{}"
    CORRECTED_FROM = "{} 报送 {}，按决定更正为 {}。原因：{}"
    TAKEN_FROM = "取自 {}"
    TAKEN_FROM_CELL = "取自 {} {}"
    ALREADY_SO = "报来的已是这个数"
    LATER_DECISION = "后来另有决定"
    DECISION_OF_YEAR = "是 {} 年度的决定"
    NO_SUCH_NAME_CAME = "没有收到用这个名称的报表"
    NOTHING_CAME = "没有收到该单位的报表"
    NOTHING_COUNTS = "该单位没有计入的报表"
    NO_SUCH_FINDING_NOW = "没有这个问题，或者已经改正"
    NO_ROSTER = "没有给出名录"
    NOT_EXPECTED = "名录中不是应报的单位"
    # Texts
    PAGE_TEXT = "像是网页或页脚的文字，没有计入报告"
    BEHIND_SIGNATURE = "在落款之后，没有计入报告"
    NO_TITLE_BEFORE = "之前没有“{}”的标题，如属该部分，现读在“{}”中"
    NO_TITLE = "没有“{}”的标题，按位置读作这一部分"
    UNPLACED_UNDER = "在“{}”之下，不知属于哪一部分，没有计入报告"
    UNPLACED_FIRST = "在各部分之前，不知属于哪一部分，没有计入报告"
    TABLE_TEXT = "是统计表中的文字，没有计入这一部分"
    HIDDEN_TEXT = "已划去或隐藏，没有计入报告"
    IDENTITY_NUMBER = "身份证号码"
    MOBILE_NUMBER = "手机号码"
    # Why a document is no return
    LOCK_FILE = "编辑软件的锁定文件"
    SYSTEM_FILE = "系统文件"
    LINK = "链接"
    NOT_A_FILE = "不是普通文件"
    PARTS_OF = "“{}”的附属文件（{} 个）"
    MAIL_TEXT = "邮件正文"
    MAIL_TEXT_ALONE = "邮件正文（没有附件）"
    MAIL_IMAGE = "邮件内嵌图片"
    MAIL_EXTRA = "邮件附带的签名或日程"
    SIGNATURE_ALONE = "只有签名，没有内容"
    FILE_OF_THIS_RUN = "本次汇总用到的名录、汇总表等"
    OUR_SUMMARY = "本程序生成的汇总表"
    OUR_DISPATCH = "本程序生成的发放清单"
    OUR_ROSTER = "本程序生成的单位名录"
    OUR_PREVIOUS = "本程序生成的上年数据表"
    OUR_DIFFERENCES = "本程序生成的差异表"
    OUR_DECISIONS = "本程序生成的决定表"
    SENT_ALONG = "随表附送的 {}"
    FILE_SENT_ALONG = "随表附送的 文件"
    ONLY_SENT = "只报了 {}，没有填报表"
    # Why the system refused something
    NO_SUCH_PATH = "没有这个文件或文件夹"
    ACCESS_DENIED = "没有权限，或正被其他程序占用"
    NO_PERMISSION = "没有权限"
    DISK_READ_ONLY = "磁盘是只读的"
    DISK_FULL = "磁盘已满"
    DISK_QUOTA = "磁盘配额已满"
    NAME_TAKEN = "已有同名的文件"
    NOT_A_FOLDER = "路径中有一段不是文件夹"
    IS_A_FOLDER = "这是一个文件夹，不是文件"
    NAME_TOO_LONG = "文件名太长"
    IN_USE = "正被其他程序占用"
    LINKS_IN_CIRCLE = "快捷方式指来指去，没有尽头"
    DISK_FAILURE = "磁盘或移动存储设备读写出错"
    FOLDER_REFUSED = "文件夹打不开（{}）"
    STORE_DENIED = "存储拒绝访问，请核对运行程序的机器上的凭证和权限"
    STORE_UNREACHABLE = "连不上存储，请核对地址和网络"
    UNKNOWN_HOST = "不认识这台服务器，请先用 ssh 连接一次，核对后记入 known_hosts"
    CHANGED_SINCE_LISTED = "文件列出以后又变了，可能正在上传"
    # Why a file cannot be read
    WORKBOOK_INCOMPLETE = "工作簿内容不完整"
    SHEET_INCOMPLETE = "工作表内容不完整"
    FILE_DAMAGED = "文件结构已损坏"
    NO_SHEET_LEGIBLE = "没有能读的工作表"
    SHEET_LIST_WRONG = "工作表目录有误"
    SHEET_NAME_TWICE = "有重名的工作表"
    SHEETS_TOO_LARGE = "各工作表范围之和过大"
    SHEET_UNREADABLE = "工作表“{}”读不出来"
    SHEET_SIZE = "工作表范围达 {} 行 {} 列"
    NO_SHEET = "没有工作表"
    NO_SUCH_CELL = "单元格地址不存在"
    CELL_TWICE = "单元格 {} 写了两次"
    CELL_TWO_VALUES = "单元格 {} 有两个值"
    ROW_TWICE = "第 {} 行写了两次"
    NO_SHEET_DATA = "工作表没有数据部分"
    SHEET_DATA_TWICE = "工作表有两个数据部分"
    SHARED_TEXT_NO_NUMBER = "共享文字的序号不是数字"
    SHARED_TEXT_MISSING = "共享文字的序号不存在"
    TEXT_INCOMPLETE = "文字不完整"
    CELL_INCOMPLETE = "单元格内容不完整"
    CELL_REPEATED_WRONGLY = "单元格重复次数有误"
    CELL_VALUE_WRONG = "单元格的值有误"
    CELL_VALUE_WRONG_AS = "单元格的值有误（{}）"
    TWO_TABLES_IN_SHEET = "一张工作表内有两个表格"
    CELL_IN_CELL = "单元格里又有单元格"
    TWO_VALUES_IN_CELL = "一个单元格里有两个值"
    TWO_WORKBOOKS = "同一文件内有两种工作簿"
    TWO_BODIES = "同一文件内有两份正文"
    FOLDER_ENTRIES = "文件夹内有 {} 项"
    FOLDER_SIZE = "“{}”与同一文件夹的文件共 {} MB"
    FILE_SIZE = "文件大小 {} MB"
    DECRYPTED_SIZE = "解密后大小 {} MB"
    UNPACKED_SIZE = "解压后 {} MB"
    UNPACKED_SO_FAR = "解压后的总大小已到 {} MB"
    UNPACKED_IN_ALL = "解压后的总大小为 {} MB"
    UNPACKED_PART = "其中一项解压后 {} MB"
    UNPACKED_RATIO = "解压后是原来的 {} 倍以上"
    UNPACKED_PART_RATIO = "其中一项解压后是原来的 {} 倍"
    DOCUMENTS_SO_FAR = "文件数已到 {} 个"
    OTHER_ENTRIES_SO_FAR = "不是报送表的项已到 {} 项"
    EMPTY_FILE = "文件是空的（0 字节）"
    NO_FILES_INSIDE = "里面没有文件"
    BEING_WRITTEN = "文件正在被写入"
    MAILBOX_MAILS = "邮箱内超过 {} 封邮件"
    LINKED_UNTIL = "，{}到期"
    LINKED_FILE = "{}（{}{}）"
    MAIL_HEADERS_TOO_LARGE = "邮件的信头过大"
    ATTACHMENT_ENCODING = "附件的编码有误"
    MAIL_PARTS_TOO_DEEP = "邮件的部分套了过多层"
    MAIL_PARTS = "一封邮件超过 {} 个部分"
    MAIL_ENTRIES = "邮件内有 {} 项"
    MAIL_SIZE = "邮件内各项共 {} MB，多于文件本身"
    MAIL_ENTRIES_TOO_MANY = "邮件内的项过多"
    MAIL_ATTACHMENTS_LOST = "邮件已损坏：有 {} 个附件，只找到 {} 个"
    EMBEDDED_OBJECT = "嵌在邮件里的对象"
    MAILS_TOO_DEEP = "邮件套了过多层"
    MAIL_DEPTH = "邮件套了 {} 层"
    MAIL_DAMAGED = "邮件已损坏"
    ATTACHMENT_MISSING = "附件的内容缺失"
    ATTACHMENT_INCOMPLETE = "附件不完整"
    MAIL_CERTIFICATE = "邮件的证书（S/MIME）"
    SIGNATURE_INCOMPLETE = "签名的内容不完整"
    PASSWORD_ROUNDS = "密码的散列次数过多"
    ARCHIVE_DEPTH = "压缩包套了 {} 层"
    ARCHIVE_ENTRIES = "压缩包内有 {} 项"
    ARCHIVE_ENTRIES_OVER = "压缩包内超过 {} 项"
    ARCHIVE_INCOMPLETE = "压缩包不完整"
    ARCHIVE_PERHAPS_VOLUME = "压缩包不完整（或只是分卷的一卷）"
    ARCHIVE_VOLUME = "这是分卷压缩包的一卷"
    ARCHIVE_LATER_VOLUME = "这是分卷压缩包的一卷，不是第一卷"
    ARCHIVE_NAME_TWICE = "压缩包内有重名的文件"
    ARCHIVE_ENTRY_SPLIT = "这一项分在几卷里"
    ARCHIVE_NAME_AT = "固实压缩包内以 @ 开头的文件名"
    ARCHIVE_DAMAGED_ONWARDS = "压缩包自某一项起已损坏，以后的项未能取出"
    ARCHIVE_DAMAGED_BEFORE = "压缩包内在这一项之前已损坏"
    ARCHIVE_ENTRY_DAMAGED = "压缩包内的这一项已损坏"
    ARCHIVE_ENTRY_INCOMPLETE = "压缩包内的这一项不完整"
    ARCHIVE_DIRECTORY_SIZE = "压缩包的目录有 {} KB"
    ARCHIVE_DIRECTORY_DAMAGED = "压缩包的目录已损坏"
    ARCHIVE_MEMORY = "解压时用作字典的内存为 {} MB"
    ARCHIVE_METHOD = "压缩方式不常见"
    ARCHIVE_METHOD_NUMBER = "压缩方式不常见（{}）"
    ARCHIVE_METHOD_7Z = "7z 的压缩方式不常见"
    ARCHIVE_OVERLAP = "压缩包内各项互相重叠"
    TWO_ARCHIVES = "前后接着两个压缩包，各程序打开的不是同一个"
    SPARSE_FILE = "是稀疏文件"
    STREAM_INCOMPLETE = "压缩文件不完整"
    DAMAGED_ONWARDS = "已损坏，以后的内容未能取出"
    PACKAGE_INCOMPLETE = "压缩结构不完整"
    PACKAGE_ENTRIES = "压缩结构内有 {} 项"
    PACKAGE_LOCKED_PART = "压缩包内有加密的部分"
    PACKAGE_PART_TWICE = "压缩包内有重名的部分（{}）"
    PACKAGE_SIZE_WRONG = "压缩包内所记大小与实际不符"
    PART_MISSING = "缺少 {}"
    PART_DAMAGED = "{} 已损坏"
    RAR_PROGRAMS = "请在运行汇总的电脑上安装 unrar、7z、unar、bsdtar 中的任一个"
    RAR_BETTER_PROGRAM = "已有的程序解不开它（也可能是它已损坏），请安装 unrar"
    RAR_SECRET_PROGRAM = "带密码的 RAR 须用 unrar、7z 或 unar 解开，请安装其中一个"
    NO_LIBREOFFICE = "{}，本机没有安装 LibreOffice"
    LIBREOFFICE_CANNOT = "LibreOffice 打不开这个文件（{}）"
    LIBREOFFICE_FAILED = "{}，LibreOffice 启动失败（{}）"
    CONVERSION_TIME = "转换超过 {} 秒"
    PDF_DAMAGED = "PDF 内容已损坏"
    PDF_PAGES = "PDF 超过 {} 页"
    PDF_NO_PAGES = "PDF 中没有页面"
    PDF_CHARACTERS = "第 {} 页有 {} 个字符，上限 {}"
    PDF_UNMAPPED = "{} 个字符中有 {} 个"
    PDF_NO_CHINESE = "{} 个字符中没有一个汉字"
    DOCUMENT_NO_TEXT = "文档中没有文字"
    DOCUMENT_CELLS = "文档中的表格超过 {} 格"
    WORD_NO_BODY = "Word 文档没有正文"
    WORD_FOREIGN_PART = "正文中插入了另一个文件，要由 Word 另存后才能读取"
    XML_DOCTYPE = "XML 中有文档类型声明"
    XML_DAMAGED = "XML 内容已损坏"
    XML_TOO_DEEP = "XML 嵌套过深，或一段文字过长"
    XML_DEPTH = "XML 嵌套超过 {} 层"
    NUL_IN_TEXT = "文字中有空字符"
    TEXT_TOO_LONG = "文字过长"
    TEXT_ENCODING_UNKNOWN = "文字编码无法识别"
    TEXT_ENCODING_WRONG = "文字编码有误"
    CSV_WRONG = "CSV 格式有误"
    PAGE_TOO_DEEP = "网页内容嵌套过深或过长"
    PAGE_INCOMPLETE = "网页内容有缺失"
    PAGE_DAMAGED = "网页内容已损坏"
    PAGE_TABLE_TOO_LARGE = "网页表格过大"
    PAGES_IN_FOLDER = "各表在它旁边的文件夹“{}”里，{}"
    PAGES_ELSEWHERE = "各表在另外的文件里，{}"
    PAGES_NOT_SENT = "没有一起发来"
    PAGES_LACKING = "缺 {} 个：{}"
    EXPORT_FIRST = "{}，要{}"
    FROM_NUMBERS = "在 Numbers 中选“文件→导出到→Excel”，存成 .xlsx"
    FROM_PAGES = "在 Pages 中选“文件→导出到→Word”，存成 .docx"
    FROM_KEYNOTE = "在 Keynote 中选“文件→导出到→PDF”"
    FROM_OFD = "在 OFD 阅读器中另存（导出）为 Word，或者直接报送生成它的 Word、Excel 文件"
    TIME_OVER = "超过 {} 秒（设置 seconds）"
    FAILED_AGAIN = "重试后仍然如此"
    PROGRAM_ERROR = "程序出错，{}: {}"
    CULPRITS = "同一文件中已有 {} 份读不下去"
    OVER_LIMIT = "{}，上限 {} {}（设置 {}）"
    # Why an explanation belongs to no finding
    NO_CODE = "没有写编码"
    NOT_A_CODE = "“{}”不是问题编码"
    NOT_AT_THAT_CELL = "{}：没有对上这个编码的问题，请核对单元格"
    NO_SUCH_FINDING = "{}：本次没有这个问题"

    def __call__(self, *values: "Value") -> "Saying":
        """The phrase with values for its braces, in their order."""
        return Saying(phrase=self, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A phrase with the values for its braces."""

    phrase: Phrase
    values: "tuple[Value, ...]"

    def __str__(self) -> str:
        return in_words(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of values. At most ``most`` of them are shown, with ``mark`` between them; if there
    are others, ``rest`` follows, in which ``{}`` is replaced by the number of all values.
    """

    values: "tuple[Value, ...]"
    most: int
    mark: str = "、"
    rest: str = "等"

    def __str__(self) -> str:
        return in_words(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Rows or columns (``columns``) of a table that were found ``by`` lines further down or to the
    right than expected; a negative ``by`` means further up or to the left. ``first`` and ``last``:
    where they are expected, counted from 0. ``onwards``: all lines from ``first`` to the end of the
    table have moved.
    """

    columns: bool
    first: int
    last: int
    by: int
    onwards: bool

    def __str__(self) -> str:
        return in_words(self)


Value: TypeAlias = (
    str | int | Decimal | Address | Area | Worded | Saying | Listing | Shift | Equation | None
)
"""What a finding may contain: a text from the file or the roster, a number, a place, a member of an
enum of words, a phrase, a list; None for a figure that is not known. An empty text means that there
is nothing to say. ``str`` gives the words of those that are defined here.
"""


def in_words(value: Value) -> str:
    """The value in Chinese, as people read it."""
    match value:
        case str():
            return value
        case int() | Decimal():
            return show(value)
        case Address():
            return str(value)
        case Area():
            first, _, last = value.a1.partition(":")
            return first if first == last else value.a1
        case Worded():
            return str(value.value)
        case Saying():
            return value.phrase.value.format(*map(in_words, value.values))
        case Listing():
            texts = map(in_words, value.values)
            return listed(texts, value.most, more=value.rest, mark=value.mark)
        case Shift():
            return _moved(value)
        case Equation():
            return str(value)
        case None:
            return "？"


def _moved(shift: Shift) -> str:
    """A shift in Chinese: 第10行移到第21行, D至F列右移1列, 第13行起上移1行."""
    head, line, ways = ("", "列", "右左") if shift.columns else ("第", "行", "下上")
    name: Callable[[int], str] = column_name if shift.columns else lambda row: str(row + 1)
    way = f"{ways[shift.by < 0]}移{abs(shift.by)}{line}"
    first = f"{head}{name(shift.first)}"
    if shift.onwards:
        return f"{first}{line}起{way}"
    if shift.first == shift.last:
        return f"{first}{line}移到{head}{name(shift.first + shift.by)}{line}"
    return f"{first}至{name(shift.last)}{line}{way}"


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values in their order, without those that read the same in words as an earlier one."""
    by_words: dict[str, Value] = {}
    for value in values:
        by_words.setdefault(in_words(value), value)
    return tuple(by_words.values())


def few(values: Iterable[Value]) -> Listing:
    """A list of figures or rules, of which the first three are shown."""
    return Listing(values=tuple(values), most=FEW)


def several(values: Iterable[Value]) -> Listing:
    """A list of the contents of cells, without blanks and repetitions, of which the first five are
    shown.
    """
    contents = tuple(value for value in distinct(values) if in_words(value))
    return Listing(values=contents, most=SEVERAL, rest="…")


def each(values: Iterable[Value], mark: str = "、") -> Listing:
    """A list of which all values are shown, with ``mark`` between them."""
    listed = tuple(values)
    return Listing(values=listed, most=len(listed), mark=mark)
