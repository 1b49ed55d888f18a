"""Words that say of a table, or of the sheet it stands on, that it is of a year gone by."""

import re
from typing import Final

from xltools.match.labels import plain

_WORDS: Final = re.compile("上年|上一年|去年|前年|往年|历年|上期|旧表")
# A year in brackets, or before 版 or 号, is that of a document or an edition.
_YEAR: Final = re.compile(r"(?<![0-9〔\[])((?:19|20)[0-9]{2})(?![0-9〕\]]|年?版|年?[第0-9]*号)")
_SHORT: Final = re.compile(r"(?<![0-9])([0-9]{2})年(?!版)")
_DIGITS: Final = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_WRITTEN: Final = re.compile("[〇○零一二三四五六七八九]{4}(?=年)")


def earlier(text: str, year: int) -> bool:
    """Whether a title or the name of a sheet says that what it heads is of a year before ``year``
    (0: not known, then only words say so). What names its own year as well is of that year.
    """
    bare = _WRITTEN.sub(lambda found: found[0].translate(_DIGITS), plain(text))
    years = {int(found) for found in _YEAR.findall(bare)}
    years |= {2000 + int(found) for found in _SHORT.findall(bare)}
    if year in years:
        return False
    return _WORDS.search(bare) is not None or (bool(year) and any(y < year for y in years))
