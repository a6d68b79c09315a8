"""The bytes of a mail: header lines, and one text in two forms. All of it ASCII but the headers of
a mail to an address that is not.
"""

import re
from binascii import b2a_qp
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from functools import lru_cache
from typing import Final

LINE: Final = 78
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# The folder leaves these words as they are. What may be an encoded word (=?) is not among them, and
# neither is an unusual space.
_PLAIN: Final = re.compile(r"(?:(?!=\?)[!-~])+(?: (?:(?!=\?)[!-~])+)*")
# Quoted-printable has no "=_", so that nothing in a part can look like its end.
_BOUNDARY: Final = b"=_perennial"
_BEGIN: Final = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="%b"\r\n\r\n' % _BOUNDARY
)
_PART: Final = (
    b"--%b\r\n"
    b'Content-Type: text/%b; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_END: Final = b"--%b--\r\n" % _BOUNDARY


class UnsafeHeader(Exception):
    """A value holds a line break or another control character; it names the header, not the value."""


def header(name: str, value: str | Address, *, utf8: bool) -> bytes:
    """Encoded and folded where it needs to be.

    Raises:
        UnsafeHeader: it could be more than one header.
        ValueError: it cannot be written.
    """
    plain = str(value)
    refuse_control(name, plain)
    if len(name) + len(": ") + len(plain) <= LINE and _PLAIN.fullmatch(plain):
        return f"{name}: {plain}\r\n".encode("ascii")
    return _folded(name, plain, SMTPUTF8 if utf8 else SMTP)


def refuse_control(name: str, value: str) -> None:
    if _CONTROL.search(value):
        raise UnsafeHeader(name)


def two_forms(text: str, html: str) -> bytes:
    parts = (_PART % (_BOUNDARY, b"plain"), _encoded(text), _PART % (_BOUNDARY, b"html"))
    return b"".join((_BEGIN, *parts, _encoded(html), _END))


# The names of brands and offers come again and again, and folding one takes as long as all the rest.
@lru_cache(maxsize=1024)
def _folded(name: str, value: str, policy: EmailPolicy) -> bytes:
    name, parsed = policy.header_store_parse(name, value)
    # It reads encoded words, and one that holds a line break would be written as a line break.
    refuse_control(name, str(parsed))
    return policy.fold_binary(name, parsed)


def _encoded(text: str) -> bytes:
    lines = b"\r\n".join(text.encode().splitlines())
    return b2a_qp(lines + b"\r\n") + b"\r\n"
