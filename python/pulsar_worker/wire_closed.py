"""The end of the connection to the server, as an exception."""


class WireClosed(BaseException):
    """The server cannot be reached any more: the worker ends. No Exception, since no application should catch it."""
