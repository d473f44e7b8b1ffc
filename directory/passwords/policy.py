"""One policy for each kind of account, in profiles of which an installation has one.

``default`` follows NIST SP 800-63B-4 section 3.1.1: length and a list, no composition, no expiry.
``tcvn14423`` is for systems that are held to TCVN 14423:2025: four kinds of characters, and
administrators change theirs every two months and take none of the last ten again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from directory.errors import Words
from directory.settings import Settings

AccountType = Literal["person", "administrator"]
ACCOUNT_TYPES: tuple[AccountType, ...] = ("person", "administrator")


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """`shortest`: characters; `shortest_with_second`: of whoever cannot sign in without a second
    factor. `classes`: whether capitals, small letters, digits and signs are all wanted.
    `most_days`: for how many days one is good, 0 for always. `remembered`: how many former ones are
    not taken again."""

    shortest: int
    shortest_with_second: int
    classes: bool = False
    most_days: int = 0
    remembered: int = 0

    def least(self, *, is_second_enforced: bool) -> int:
        """How many characters it has at least."""
        return self.shortest_with_second if is_second_enforced else self.shortest


_DEFAULT = PasswordPolicy(15, 8)
_OF_THE_STANDARD = PasswordPolicy(14, 8, classes=True)
_POLICIES: Mapping[str, Mapping[AccountType, PasswordPolicy]] = {
    "default": {"person": _DEFAULT, "administrator": _DEFAULT},
    "tcvn14423": {
        "person": _OF_THE_STANDARD,
        "administrator": PasswordPolicy(14, 14, classes=True, most_days=60, remembered=10),
    },
}


def policy_of(settings: Settings, account: AccountType) -> PasswordPolicy:
    """That of this installation."""
    return _POLICIES[settings.password_profile][account]


def told(policy: PasswordPolicy, *, is_second_enforced: bool = False) -> Sequence[Words]:
    """What is wanted, a sentence each, before anything is typed."""
    least = policy.least(is_second_enforced=is_second_enforced)
    sentences = [
        Words(
            f"Ít nhất {least} ký tự: ba, bốn từ chỉ Anh/Chị thấy liên quan đến nhau thì dễ nhớ.",
            f"At least {least} characters: three or four words that belong together for nobody but "
            "you are easy to keep in mind.",
        ),
        Words(
            "Không dùng mật khẩu nhiều người dùng, tên, tên đăng nhập, cơ quan hay tỉnh của mình.",
            "Not one that many people use, and not your name, user name, agency or province.",
        ),
    ]
    if policy.classes:
        sentences.append(
            Words(
                "Có chữ hoa, chữ thường, chữ số và ký hiệu.",
                "With capitals, small letters, digits and signs.",
            )
        )
    else:
        sentences.append(
            Words(
                "Không bắt buộc chữ hoa, chữ số hay ký hiệu.",
                "Capitals, digits and signs are welcome and not needed.",
            )
        )
    if policy.remembered:
        sentences.append(
            Words(
                f"Không dùng lại {policy.remembered} mật khẩu gần nhất.",
                f"None of your last {policy.remembered} passwords.",
            )
        )
    if policy.most_days:
        sentences.append(
            Words(
                f"Dùng được {policy.most_days} ngày, sau đó phải đổi.",
                f"It is good for {policy.most_days} days, then it is changed.",
            )
        )
    else:
        sentences.append(Words("Mật khẩu không hết hạn.", "It does not expire."))
    return sentences


def may_end(settings: Settings) -> bool:
    """Whether anybody's password ends in this installation."""
    return any(policy.most_days for policy in _POLICIES[settings.password_profile].values())
