"""The agent as a program in Python: commands come in as lines of JSON, messages go out so.

The same protocol as in agent.ts, for one kind of opener per program.
"""

import json
import sys
import threading

_writing = threading.Lock()


def run(open_stream):
    """Runs commands until stdin ends.

    open_stream(url, headers, emit) opens an event stream and returns what leaves it.
    """
    closers = {}
    # No stream has this id: it says that the program listens.
    _emitter(0)({"type": "open"})
    for line in sys.stdin:
        command = json.loads(line)
        stream_id = command["id"]
        if command["type"] == "close":
            close = closers.pop(stream_id, None)
            if close is not None:
                close()
        else:
            emit = _emitter(stream_id)
            closers[stream_id] = open_stream(command["url"], command["headers"], emit)


def _emitter(stream_id):
    def emit(happening):
        message = json.dumps({"id": stream_id, "happening": happening})
        with _writing:
            print(message, flush=True)

    return emit
