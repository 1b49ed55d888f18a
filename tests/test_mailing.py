"""What a unit gets: until when, where to and whom to ask; the first mailing; what prints."""

from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from support.commands import roster, text, xltools
from support.filled import LAYOUT
from support.jobs import BAD, filled
from xltools.match.fields import cover
from xltools.model.collector import Collector
from xltools.model.identity import (
    COVER,
    FIELD_COLUMN,
    ISSUES,
    LIGHT_ROW,
)
from xltools.readers.workbook import book_of, open_book
from xltools.template.build import build
from xltools.template.opening import Subject
from xltools.template.stamps import Stamps

WHO = Collector(
    deadline=date(2026, 1, 20), office="某区政务公开办公室", contact="张三",
    telephone="0972-8612345", address="zwgk@example.cn",
)  # fmt: skip
OPTIONS = (
    *("--deadline", "2025-01-20", "--office", "某区政务公开办公室", "--contact", "张三"),
    *("--telephone", "0972-8612345", "--address", "zwgk@example.cn"),
)
NOTICE = (
    "填好后请于2026年1月20日（星期二）前把本文件发到 zwgk@example.cn。\n"
    "填报中有疑问，请联系某区政务公开办公室 张三，0972-8612345。"
)


def mail(path: Path) -> tuple[EmailMessage, str]:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body()
    assert body is not None
    return message, body.get_content()


def on_cover(data: bytes) -> str:
    return book_of(data).values(COVER).text(LIGHT_ROW + 1, FIELD_COLUMN)


@pytest.mark.parametrize(
    ("collector", "notice"),
    [
        (Collector(), ""),
        (WHO, NOTICE),
        (Collector(office="某办", signature="某办"), ""),
        (
            Collector(deadline=date(2026, 1, 20)),
            "填好后请于2026年1月20日（星期二）前把本文件发回。",
        ),
        (Collector(address="a@b.cn"), "填好后请把本文件发到 a@b.cn。"),
        (Collector(telephone="123"), "填报中有疑问，请联系123。"),
    ],
)
def test_the_cover_says_what_is_known(collector: Collector, notice: str) -> None:
    assert collector.notice() == notice
    data = build(LAYOUT, Subject(year=2025, unit="甲局", collector=collector), "secret")
    assert on_cover(data) == notice.replace("\n", " ") or on_cover(data) == notice
    assert cover(book_of(data), LAYOUT).unit == "甲局"


def test_stamped_covers_say_it_too() -> None:
    stamps = Stamps(LAYOUT, "secret")
    built = [
        stamps.build(Subject(year=2025, unit=name, collector=who))
        for who in (WHO, Collector())
        for name in ("甲局", "乙局", "丙局")
    ]
    assert ["0972" in on_cover(data) for data in built] == [True] * 3 + [False] * 3


def test_the_first_mailing(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("单位名称,邮箱\n甲局,jia@example.cn\n乙局,\n", "utf-8")
    words = ("generate", "r.csv", "--year", "2024", "--out", "下发", "--mail")
    done = xltools(*words, *OPTIONS, cwd=tmp_path)
    assert "邮件草稿 2 封，在 下发，看过再发。" in text(done)
    assert "没有邮箱、草稿中未写收件人：乙局" in text(done)
    message, body = mail(next((tmp_path / "下发").glob("*甲局（下发）.eml")))
    assert (message["To"], message["X-Unsent"]) == ("jia@example.cn", "1")
    attached = next(message.iter_attachments())
    template = tmp_path / "下发" / str(attached.get_filename())
    assert attached.get_content() == template.read_bytes()
    assert "请于2025年1月20日（星期一）前把文件发到 zwgk@example.cn" in body
    assert "请联系某区政务公开办公室 张三，0972-8612345。" in body
    assert body.rstrip().endswith("某区政务公开办公室")
    drafts = {path: path.read_bytes() for path in (tmp_path / "下发").glob("*.eml")}
    # The same again changes nothing; another telephone sets the former drafts aside.
    assert "已移到" not in text(xltools(*words, *OPTIONS, cwd=tmp_path))
    assert {p: p.read_bytes() for p in (tmp_path / "下发").glob("*.eml")} == drafts
    done = xltools(*words, *OPTIONS, "--contact", "李四", "--former", "以前的", cwd=tmp_path)
    assert "以前写的 2 封已移到 以前的。" in text(done)
    assert {path.name for path in (tmp_path / "以前的").glob("*.eml")} == {p.name for p in drafts}
    assert "李四" in mail(next((tmp_path / "下发").glob("*甲局（下发）.eml")))[1]


def test_replies_say_until_when_and_whom_to_ask(tmp_path: Path) -> None:
    roster(tmp_path / "r.csv", "甲局", "乙局")
    filled(tmp_path / "in" / "甲.xlsx", "甲局", BAD)
    words = ("reply", "in", "--roster", "r.csv", "--out", "更正")
    done = xltools(*words, *OPTIONS, cwd=tmp_path)
    for kind in ("更正", "催报"):
        _, body = mail(next((tmp_path / "更正").glob(f"*（{kind}）.eml")))
        assert "于2025年1月20日（星期一）前把" in body
        assert "发到 zwgk@example.cn，不要改文件名" in body
        assert "请联系某区政务公开办公室 张三，0972-8612345。" in body
    correction = next((tmp_path / "更正").glob("*（更正）.xlsx"))
    assert on_cover(correction.read_bytes()).count("0972-8612345") == 1
    assert open_book(correction).front == ISSUES
    assert "请联系某区政务公开办公室 张三，0972-8612345。" in open_book(correction).values(
        ISSUES
    ).text(1, 0)
    # A deadline that is over is not set again.
    done = xltools(*words, *OPTIONS, "--deadline", "2024-06-30", cwd=tmp_path)
    assert "截止日期 2024-06-30 已经过去，邮件里不再写它" in text(done)
    _, body = mail(next((tmp_path / "更正").glob("*（催报）.eml")))
    assert "2024年6月30日" not in body
    assert "请尽快填好，把文件发到 zwgk@example.cn" in body


@pytest.mark.parametrize("command", ["generate r.csv --year 2024", "reply in --roster r.csv"])
def test_a_deadline_that_is_none(command: str, tmp_path: Path) -> None:
    roster(tmp_path / "r.csv", "甲局")
    filled(tmp_path / "in" / "甲.xlsx", "甲局", BAD)
    done = xltools(*command.split(), "--deadline", "一月底", cwd=tmp_path)
    assert done.returncode == 2
    assert "--deadline 一月底：请写成 2026-01-20 这样的日期。" in text(done)
