"""Who collects the returns: until when units must have sent them, where to, and whom they ask. What
is said about it on covers and in mails.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

_WEEKDAYS: Final = "一二三四五六日"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Who collects the returns; what is not known is None or "".

    ``deadline``: the last day; ``office``: the office; ``contact`` and ``telephone``: whom to ask;
    ``address``: the mail address to send to; ``signature``: how mails are signed.
    """

    deadline: date | None = None
    office: str = ""
    contact: str = ""
    telephone: str = ""
    address: str = ""
    signature: str = ""

    @property
    def signed(self) -> str:
        """The signature of a mail: the one given, else the office."""
        return self.signature or self.office

    @property
    def asked(self) -> str:
        """Whom to ask: office, name and telephone; empty where neither name nor telephone is
        known.
        """
        person = "，".join(part for part in (self.contact, self.telephone) if part)
        return " ".join(part for part in (self.office, person) if part) if person else ""

    @property
    def until(self) -> str:
        """The deadline with its day of the week: 2026年1月20日（星期二）; empty without one."""
        day = self.deadline
        if day is None:
            return ""
        return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"

    def send(self, what: str, place: str = "") -> str:
        """The clause that asks to send ``what``, until when and where to. ``place``: used where no
        address is known.
        """
        when = f"请于{self.until}前" if self.until else "请"
        return f"{when}把{what}" + (f"发到 {self.address}" if self.address else f"发回{place}")

    def notice(self) -> str:
        """What the cover says, in lines: until when and where to, and whom to ask; empty where
        nothing of it is known.
        """
        sentences = []
        if self.until or self.address:
            sentences.append(f"填好后{self.send('本文件')}。")
        if self.asked:
            sentences.append(f"填报中有疑问，请联系{self.asked}。")
        return "\n".join(sentences)


NOBODY: Final = Collector()
"""A collector of whom nothing is known."""
