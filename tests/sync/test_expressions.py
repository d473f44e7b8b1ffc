"""The language of definitions: what it says, and that nothing else can be said in it."""

from __future__ import annotations

import time

import pytest

from sync.engine.expressions import (
    FUNCTIONS,
    NAMES,
    ExpressionFault,
    Facts,
    Place,
    compile_expression,
)

pytestmark = pytest.mark.without_sql

TABLES = {"chuc_danh": {"Trưởng phòng": "TP"}}
FACTS = Facts(
    dict.fromkeys(NAMES, "")
    | {
        "full_name": "Nguyễn Thị Ngọc Hạnh",
        "given_name": "Hạnh",
        "username": "hanh.ntn",
        "mail": "hanh@binhduong.gov.vn",
        "post.title": "Trưởng phòng",
        "agency.code": "STTTT",
        "agency.type": "DEPARTMENT",
    },
    [Place("", "", "Phòng CNTT"), Place("DEPARTMENT", "STTTT", "Sở TTTT"), Place("TOP", "UB", "")],
    TABLES,
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("username", "hanh.ntn"),
        ('  "a" + "\\"b" ', 'a"b'),
        ('plain(full_name) + "@x"', "nguyen thi ngoc hanh@x"),
        ("upper(initials(full_name))", "NTNH"),
        ("phone ?? mail ?? id", "hanh@binhduong.gov.vn"),
        ("local_part(mail)", "hanh"),
        ('lookup("chuc_danh", post.title)', "TP"),
        ('lookup("chuc_danh", unit.name, "Khác")', "Khác"),
        ('if(agency.type == "DEPARTMENT", agency.code, "?")', "STTTT"),
        ('if(phone, "có", "không")', "không"),
        ('not(agency.code != "STTTT")', True),
        ('above_code("TOP") + above_name("DEPARTMENT")', "UBSở TTTT"),
        ('above_code("KHONG CO")', ""),
        ('left(username, "4")', "hanh"),
        ('left(username, "nhiều")', ""),
        ('replace(username, ".", "_")', "hanh_ntn"),
        ('replace(username, "", "x")', "hanh.ntn"),
        ("true", True),
    ],
)
def test_what_it_comes_to(source: str, value: object) -> None:
    assert compile_expression(source, TABLES).value(FACTS) == value


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("''.__class__", "no part"),
        ("username.__class__", "nothing of a person"),
        ("full_name.upper", "nothing of a person"),
        ("__import__", "no part"),
        ("9**9**9", "no part"),
        ('upper("a", "b")', "takes 1 to 1"),
        ("eval(username)", "no function"),
        ("password", "nothing of a person"),
        ('"offen', "no part"),
        ("(username", "expected"),
        ("username username", "any more"),
        ("", "at the end"),
        ('lookup("khac", username)', "table"),
        ("lookup(username, username)", "table"),
        ("(" * 30 + "username" + ")" * 30, "levels"),
        ("upper(" * 30 + "username" + ")" * 30, "levels"),
        ('"' + "a" * 600 + '"', "longer"),
        ("username +", "at the end"),
        ("upper(,)", "expected"),
    ],
)
def test_what_is_refused_before_it_is_saved(source: str, says: str) -> None:
    began = time.monotonic()
    with pytest.raises(ExpressionFault, match=says):
        compile_expression(source, TABLES)
    assert time.monotonic() - began < 0.1


def test_nothing_grows_without_end() -> None:
    long = Facts({**FACTS.values, "full_name": "n" * 2000}, (), {})
    nested = 'replace(replace(replace(full_name, "n", full_name), "n", full_name), "n", full_name)'
    began = time.monotonic()
    assert len(str(compile_expression(nested, {}).value(long))) == 2000
    assert time.monotonic() - began < 1


def test_every_function_is_told() -> None:
    assert all(function.says for function in FUNCTIONS.values())
