"""How strong a password is, in words: as far as its length says, for what is easily guessed is not
taken at all."""

from __future__ import annotations

from directory.errors import Words

MORE = 5
"""So many characters beyond the least make it strong."""


def told_of(length: int, least: int) -> Words:
    """What to say of a password of that many characters that is taken."""
    if length >= least + MORE:
        return Words(
            f"Mật khẩu có {length} ký tự: mạnh.", f"The password has {length} characters: strong."
        )
    return Words(
        f"Mật khẩu có {length} ký tự: đạt yêu cầu. Thêm một từ nữa thì mạnh hơn nhiều.",
        f"The password has {length} characters: good enough. One more word makes it much stronger.",
    )
