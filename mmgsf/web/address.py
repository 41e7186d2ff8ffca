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
    family, *_, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
    for wanted in (PORT, 0) if port is None else (port,):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address[0], wanted))
            # Bound alone, the port could be taken by another one that listens first.
            listening.listen()
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRINUSE and port is None and wanted:
                continue
            raise OSError(
                f'{host}:{wanted} cannot be listened at: {error.strerror}; give another --port or '
                '--host'
            ) from error
        return listening
    raise AssertionError('the second port is free')


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'
