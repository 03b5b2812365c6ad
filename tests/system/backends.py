"""Backends that health checks are pointed at: well, slow, lying or dead, each on a loopback address of its own."""
import socket
import ssl
import threading
import time

from harness import patient

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nall is ok.\n"
ERROR = b"HTTP/1.1 500 Oh No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
KEPT = OK.replace(b"Connection: close\r\n", b"")
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nnothing\n"


def tls_context(certificate, key, client_ca=None, **limits):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    for name, value in limits.items():
        setattr(context, name, value)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Backend:
    """Accepts connections at ADDRESS:PORT and lets BEHAVIOUR(connection) deal with each; counts them."""

    def __init__(self, address, port, answer=OK, context=None, behaviour=None, delay_s=0.0):
        self.address, self.port, self.context = address, port, context
        self.answer, self.behaviour, self.delay_s = answer, behaviour, delay_s
        self.connections, self.listener = 0, None
        self.start()

    def start(self):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.address, self.port))
        self.listener.listen(128)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        if self.listener is not None:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(patient(20))
            if self.behaviour is not None:
                self.behaviour(connection)
                return
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.request = connection.recv(4096)
            time.sleep(self.delay_s)
            connection.sendall(self.answer)
        except OSError:
            pass
        finally:
            connection.close()


def hang(connection):
    """Takes what comes and never says a word."""
    while connection.recv(4096):
        pass


def endless_headers(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")


def endless_body(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 10000)


def dripping_body(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def dripping_headers(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless_interim(connection):
    """Promises an answer for ever (RFC 9110 section 15.2)."""
    connection.recv(4096)
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 20)


def endless_chunks(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"8\r\nxxxxxxxx\r\n" * 200)


def cut_short(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")


def goes_away(connection):
    connection.recv(4096)


def no_http(connection):
    connection.recv(4096)
    connection.sendall(b"\xff\xfeSSH-2.0-none\r\n")
    time.sleep(0.5)


def reset(connection):
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def kept_alive(context, handshakes):
    """A behaviour: TLS with one answer after the other on a connection; notes in HANDSHAKES whether each was "whole" or "resumed"."""
    def serve(connection):
        connection = context.wrap_socket(connection, server_side=True)
        handshakes.append("resumed" if connection.session_reused else "whole")
        with connection:
            while connection.recv(4096):
                connection.sendall(KEPT)
    return serve
