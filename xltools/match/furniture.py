"""What belongs to the page that a report stands on, not to the report: page numbers, the foot of
a web site, its buttons.
"""

import re
from collections.abc import Sequence
from typing import Final

from xltools.match.attribution import plain

_NUMBER: Final = re.compile(r"[-—–―－]+\d{1,4}[-—–―－]+|第\d{1,4}页(?:[,，/]?共\d{1,4}页)?")
_FURNITURE: Final = re.compile(
    r"(?:版权所有|(?:主办|承办|协办)(?:单位)?[:：]|技术支持[:：]|网站(?:标识码|地图|声明)|友情链接|"
    r"(?:使用帮助|联系我们|关于我们|隐私声明|法律声明|设为首页|加入收藏)|返回(?:顶部|首页)|"
    r"扫一扫|分享(?:到|至)|上一[篇条页]|下一[篇条页]|相关(?:链接|附件|文档|稿件|信息|阅读|新闻)|"
    r"浏览(?:次数|量)|访问量|点击(?:次数|量|数)|阅读(?:次数|量)|责任编辑|(?:信息|文章)?来源[:：]|"
    r"发布(?:时间|日期|机构)[:：]|字体[:：]|[\[【(]?(?:打印|关闭)(?:本页|此页|页面|窗口)?[\]】)|]?|"
    r"copyright|©|您访问的链接即将离开)",
    re.IGNORECASE,
)
_BUTTONS: Final = re.compile(
    r"(?:[\[【(|丨]*(?:打印|关闭|收藏|分享|纠错|返回|大|中|小)(?:本页|此页|页面|窗口|顶部)?[\]】)|丨]*)+"
)
_ANYWHERE: Final = re.compile(
    r"网站标识码|ICP备|公网安备|版权所有|浏览器版本|最佳浏览", re.IGNORECASE
)
_ASIDE: Final = 20  # characters of a line that may stand between such
_ENDS: Final = "。；！？;!?"


def is_furniture(line: str) -> bool:
    """Whether a line is surely none of a report's."""
    bare = plain(line)
    if _NUMBER.fullmatch(bare) or _BUTTONS.fullmatch(bare) or _ANYWHERE.search(bare):
        return True
    return _FURNITURE.match(bare) is not None and "。" not in bare


def is_page_number(line: str) -> bool:
    """Whether a line is a page number, and shows itself as one."""
    return _NUMBER.fullmatch(plain(line)) is not None


def tail(lines: Sequence[str]) -> int:
    """Where the page's own text begins at the end of a report's lines; their number when there is
    none. What is short and no sentence belongs to it after such a line, as names of links do.
    """
    start = at = len(lines)
    while at:
        line = lines[at - 1]
        if is_furniture(line):
            start = at - 1
        elif len(plain(line)) > _ASIDE or plain(line)[-1:] in _ENDS:
            break
        at -= 1
    return start
