"""The body that an application returns, and its blocks: what they must be, and what is said where they are not."""

from typing import List, Tuple, Union

from .response_head import described


def joined(blocks: Union[List[bytes], Tuple[bytes, ...]]) -> bytes:
    for block in blocks:
        check_block(block)
    return b''.join(blocks)


def check_block(block: object) -> None:
    if not isinstance(block, bytes):
        raise TypeError('a block of the body is %s, not bytes (PEP 3333, "Buffering and Streaming")' % described(block))


def check_iterable(result: object) -> None:
    kind = type(result)
    if isinstance(result, (str, bytes)) or not (hasattr(kind, '__iter__') or hasattr(kind, '__getitem__')):
        raise TypeError(
            'the application returned %s, not an iterable of bytes (PEP 3333, "The Application/Framework Side")'
            % described(result)
        )


def length_message(given: int, declared: int) -> str:
    if given > declared:
        return 'the body is longer than its Content-Length: %d bytes or more, %d declared' % (given, declared)
    return 'the body is shorter than its Content-Length: %d bytes, %d declared' % (given, declared)
