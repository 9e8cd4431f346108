"""Status and headers as the head of an answer, checked (PEP 3333, "The start_response() Callable"; docs/wire.md, "Frames").

The rules, and what is said of their breach, are those of the TypeScript half.
"""

import re
from typing import Any, Dict, List, Tuple


#: Status and fields as they go on the wire; the value of Content-Length, -1 without one; whether the status allows no body
#: (204, 205, 304); the names of the hop-by-hop headers that were left out. A plain tuple, since one is made per request.
ResponseHead = Tuple[bytes, int, bool, Tuple[str, ...]]

#: PEP 3333, "Other HTTP Features"; RFC 9110 section 7.6.1.
HOP_BY_HOP = frozenset([
    'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailers', 'transfer-encoding', 'upgrade',
])

_is_status = re.compile(r'[2-5][0-9][0-9] [\t\x20-\x7e\x80-\xff]*').fullmatch
#: RFC 9110 section 5.6.2.
_is_token = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_is_length = re.compile(r'[0-9]{1,15}').fullmatch
#: Control characters in a head, but for HTAB and the LF that ends a line of it.
_control = re.compile(r'[\0-\x08\x0b-\x1f\x7f]').search
#: RFC 9110 section 5.5, and nothing beyond latin-1.
_forbidden = re.compile(r'[^\t\x20-\x7e\x80-\xff]').search

# What was found good before, by its spelling; bounded, since an application may make names out of what a client sends.
_CACHE_LIMIT = 1024
_bodiless: Dict[str, bool] = {}
_prefixes: Dict[str, str] = {}


def response_head(status: str, headers: List[Tuple[str, str]]) -> ResponseHead:
    """The head of an answer.

    :raises TypeError: for a status, name or value that is no str, or headers that are no list of pairs
    :raises ValueError: for one that HTTP does not allow
    """
    if not isinstance(status, str):
        raise TypeError('the status is %s, not str (PEP 3333, "The start_response() Callable")' % described(status))
    bodiless = _bodiless.get(status)
    if bodiless is None:
        bodiless = _learn_status(status)
    if not isinstance(headers, list):
        raise TypeError('the headers are %s, not a list (PEP 3333, "The start_response() Callable")' % described(headers))
    text = status
    lines = len(headers)
    declared = -1
    dropped: Tuple[str, ...] = ()
    try:
        # One text, tested once: cheaper than a test for each value.
        for name, value in headers:
            prefix = _prefixes.get(name)
            if prefix is not None:
                text += prefix + value
                continue
            role = _role(name, status)
            if role == 'hop':
                dropped += (name,)
                lines -= 1
                continue
            if role == 'length':
                declared = _read_length(value, declared)
            text += '\n' + name + ':' + value
        if text.count('\n') == lines and _control(text) is None:
            return text.encode('latin-1'), declared, bodiless, dropped
    except (TypeError, UnicodeEncodeError, ValueError):
        _check_each(headers)
        raise
    _check_each(headers)
    raise AssertionError('a head that is refused has a header to blame')


def _learn_status(status: str) -> bool:
    if _is_status(status) is None:
        raise ValueError('status %r is not three digits from 200 to 599, a space and a reason (RFC 9112 section 4)' % status)
    bodiless = status[:3] in ('204', '205', '304')
    if len(_bodiless) < _CACHE_LIMIT:
        _bodiless[status] = bodiless
    return bodiless


def _role(name: str, status: str) -> str:
    if not isinstance(name, str) or _is_token(name) is None:
        raise ValueError('header name %r is not a token (RFC 9110 section 5.1)' % (name,))
    lower = name.lower()
    if lower == 'content-length':
        return 'length'
    # RFC 9110 section 15.5.22: a 426 has to say what to upgrade to.
    if lower in HOP_BY_HOP and not (lower == 'upgrade' and status.startswith('426')):
        return 'hop'
    if lower != 'upgrade' and len(name) <= 64 and len(_prefixes) < _CACHE_LIMIT:
        _prefixes[name] = '\n' + name + ':'
    return 'plain'


def _read_length(value: str, before: int) -> int:
    """RFC 9110 section 8.6."""
    if not isinstance(value, str) or _is_length(value) is None:
        raise ValueError('header Content-Length %r is not a decimal number (RFC 9110 section 8.6)' % (value,))
    length = int(value)
    if before >= 0 and before != length:
        raise ValueError('two headers Content-Length: %d and %d (RFC 9110 section 8.6)' % (before, length))
    return length


def _check_each(headers: List[Any]) -> None:
    """Says which header is to blame."""
    for index, header in enumerate(headers):
        if not isinstance(header, (tuple, list)) or len(header) != 2:
            raise TypeError('response header %d is not a tuple (name, value) (PEP 3333, "The start_response() Callable")' % index)
        name, value = header
        if not isinstance(name, str):
            raise TypeError('the name of response header %d is %s, not str' % (index, described(name)))
        if _is_token(name) is None:
            raise ValueError('header name %r is not a token (RFC 9110 section 5.1)' % name)
        if not isinstance(value, str):
            raise TypeError('the value of header %s is %s, not str' % (name, described(value)))
        if _forbidden(value) is not None:
            raise ValueError(
                'the value of header %s has a control character, or one beyond latin-1: %r (RFC 9110 section 5.5)'
                % (name, value[:80])
            )


def described(value: object) -> str:
    """What a value is, for a message."""
    return 'None' if value is None else type(value).__name__
