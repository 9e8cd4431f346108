"""What all threads of a worker share."""

from typing import Any, Callable, Dict, Iterable, NamedTuple, Optional

from .control import Control
from .lending import Lender
from .outbox import Outbox

Application = Callable[[Dict[str, Any], Callable[..., Callable[[bytes], None]]], Iterable[bytes]]


class Service(NamedTuple):
    application: Application
    #: What is the same in every environ.
    environ: Dict[str, Any]
    #: Credit that each request begins with, in bytes.
    window: int
    outbox: Outbox
    control: Control
    #: None where sockets of clients cannot be had.
    lender: Optional[Lender]
