"""Decodes event streams by the rules of the SDK of OpenAI for Python, without that SDK.

The rules are those of SSEDecoder in openai-python 3.22.1, src/openai/_streaming.py (Apache-2.0,
https://github.com/openai/openai-python), which has them from httpx-sse. No code of theirs is in here. Where they
differ from the standard, on purpose or not:

- A blank line dispatches an event if any field came since the last one, even without data: an event
  type, a reconnection time.
- An id that was ever set, and is not empty, counts as such a field for ever: from then on each
  blank line dispatches an event.
- The end of the body does not dispatch what is unfinished.
"""


class SseDecoder:
    def __init__(self):
        self._type = None
        self._data = []
        self._last_event_id = None
        self._retry = None

    def feed(self, line):
        """Takes a line without its end; returns the event that it completes, or None."""
        if line == "":
            return self._dispatch()
        if line.startswith(":"):
            return None
        name, _, value = line.partition(":")
        self._take(name, value[1:] if value.startswith(" ") else value)
        return None

    def _take(self, name, value):
        if name == "event":
            self._type = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._last_event_id = value
        elif name == "retry" and value.lstrip("+-").isdigit():
            self._retry = int(value)

    def _dispatch(self):
        has_fields = self._type or self._data or self._last_event_id or self._retry is not None
        if not has_fields:
            return None
        event = {
            "event": self._type or "message",
            "data": "\n".join(self._data),
            "id": self._last_event_id or "",
        }
        self._type, self._data, self._retry = None, [], None
        return event
