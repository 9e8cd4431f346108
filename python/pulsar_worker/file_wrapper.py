"""``wsgi.file_wrapper`` (PEP 3333, "Optional Platform-Specific File Handling")."""

import io
import os
import stat
import tempfile
from typing import Any, Iterator, NamedTuple, Optional


class FileWrapper:
    """An iterable of a file's blocks. Returned to the server untouched, the server sends the file by its path."""

    def __init__(self, filelike: Any, blksize: int = 1 << 16) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, 'close'):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data: bytes = self.filelike.read(self.blksize)
        if data:
            return data
        raise StopIteration


class RegularFile(NamedTuple):
    #: Absolute.
    path: str
    #: Where the file stands: the first byte of the answer.
    offset: int
    #: Bytes from there to its end.
    rest: int


def regular_file(filelike: Any) -> Optional[RegularFile]:
    """The file behind a file object, where the path leads to the very same, and what is read of it are its own bytes."""
    name = getattr(filelike, 'name', None)
    if isinstance(filelike, tempfile._TemporaryFileWrapper):
        filelike = filelike.file
    # Others that have a fileno() may give other bytes than the file's, as GzipFile does.
    raw = filelike if type(filelike) is io.FileIO else getattr(filelike, 'raw', None)
    if type(raw) is not io.FileIO or type(filelike) not in (io.FileIO, io.BufferedReader, io.BufferedRandom):
        return None
    if not isinstance(name, (str, bytes)):
        return None
    try:
        path = os.path.abspath(os.fsdecode(name))
        path.encode('utf-8')
        if not raw.readable():
            return None
        opened, named = os.fstat(filelike.fileno()), os.stat(path)
        if not stat.S_ISREG(opened.st_mode) or (opened.st_dev, opened.st_ino) != (named.st_dev, named.st_ino):
            return None
        offset = filelike.tell()
    except (OSError, ValueError):
        # Gone, closed, or a name that the wire has no bytes for: its blocks are read like anybody's.
        return None
    if offset > opened.st_size:
        return None
    return RegularFile(path, offset, opened.st_size - offset)
