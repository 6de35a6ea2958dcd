"""Texts of the form of core/tokens/checked_token.hpp, made by the number."""

import zlib

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def checked_text(number):
    """Has the right checksum, whether a token of that text exists or not."""
    text, out = f"gth_{number:034d}", ""
    rest = zlib.crc32(text.encode())
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        out = DIGITS[digit] + out
    return text + out
