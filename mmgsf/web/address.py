"""The address that the page listens at."""

import errno
import ipaddress
import socket

LOOPBACK = '127.0.0.1'
PORT = 7860


def listen(host: str, port: int | None) -> socket.socket:
    """A bound socket.

    Raises:
        OSError: the address is taken, or not one of this machine.
    """
    for wanted in (PORT, 0) if port is None else (port,):
        try:
            return _bound(host, wanted)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port is None and wanted:
                continue
            raise OSError(
                f'{host}:{wanted} cannot be listened at: {error.strerror}; give another --port or '
                '--host'
            ) from error
    raise AssertionError('port 0 is never taken')


def _bound(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Bound alone, the port could be taken by another one that listens first.
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'
