"""The address: loopback and 7860 unless told otherwise, a free port where that one is taken."""

import socket

import pytest

from mmgsf.web import address
from mmgsf.web.address import LOOPBACK, is_loopback, listen


@pytest.fixture
def taken(monkeypatch):
    with listen(LOOPBACK, 0) as listening:
        monkeypatch.setattr(address, 'PORT', listening.getsockname()[1])
        yield listening.getsockname()[1]


def test_a_free_port_where_the_usual_one_is_taken(taken):
    with listen(LOOPBACK, None) as listening:
        host, port = listening.getsockname()
        assert host == '127.0.0.1'
        assert port not in (0, taken)
        # It waits for visitors already.
        socket.create_connection((host, port)).close()


def test_the_usual_port_where_it_is_free(monkeypatch):
    with listen(LOOPBACK, 0) as listening:
        port = listening.getsockname()[1]
    monkeypatch.setattr(address, 'PORT', port)
    with listen(LOOPBACK, None) as listening:
        assert listening.getsockname()[1] == port


def test_a_port_that_was_asked_for_is_not_changed(taken):
    with pytest.raises(OSError, match=rf'127\.0\.0\.1:{taken} cannot .* another --port'):
        listen(LOOPBACK, taken)


@pytest.mark.parametrize('host', ['192.0.2.1', 'no.such.host.invalid'])
def test_an_address_of_no_interface_here(host):
    with pytest.raises(OSError, match='another --port or --host'):
        listen(host, 0)


@pytest.mark.parametrize(
    ('host', 'local'),
    [
        ('127.0.0.1', True),
        ('127.1.2.3', True),
        ('::1', True),
        ('localhost', True),
        ('0.0.0.0', False),
        ('::', False),
        ('192.0.2.1', False),
        ('example.org', False),
    ],
)
def test_what_is_loopback(host, local):
    assert is_loopback(host) is local
