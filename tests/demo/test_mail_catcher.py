"""The demo's mail server: what is sent to it is shown, and nothing else can be done with it."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from tests.support.ports import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.without_sql

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    environ = {**os.environ, "PYTHONPATH": str(DEMO)}
    catcher = subprocess.Popen([sys.executable, "-m", "mail_catcher", str(found)], env=environ)
    try:
        wait_until(lambda: answers(found), 10)
        yield found
    finally:
        catcher.terminate()
        catcher.wait(10)


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=2).ok
    except requests.RequestException:
        return False


def test_what_is_sent_is_shown_as_text(port: int) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Mật khẩu của <b>Anh/Chị</b> vừa được đổi " * 3
    letter["To"] = "an@binhduong.gov.vn"
    letter.set_content("Kính gửi <script>alert(1)</script>\n.một dòng có chấm\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(letter, "gui@x.vn", ["an@binhduong.gov.vn", "binh@binhduong.gov.vn"])
        assert client.docmd("VRFY", "an")[0] == 502
        assert client.noop()[0] == 250
    page = requests.get(f"http://127.0.0.1:{port}/", timeout=5)
    assert page.text.count("<details>") == 2
    assert "Mật khẩu của &lt;b&gt;Anh/Chị&lt;/b&gt; vừa được đổi" in page.text
    assert "&lt;script&gt;" in page.text and "<script>" not in page.text
    assert "\n.một dòng có chấm" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_another_sites_name_and_other_pages_read_nothing(port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    for answer in (
        requests.get(url, headers={"Host": "evil.example"}, timeout=5),
        requests.get(f"{url}x", timeout=5),
        requests.post(url, data="x", timeout=5),
    ):
        assert (answer.status_code, answer.text) == (404, "")
    assert "details" in requests.get(f"{url}style.css", timeout=5).text
