"""Asks for chat completions with the SDK of OpenAI for Python.

Posts the parameter `prompt` of the URL as a chat, and tells the content of each chunk of the answer.
"""

import asyncio
import threading
import urllib.parse

import agent
from openai import AsyncOpenAI

loop = asyncio.new_event_loop()


def open_stream(url, _headers, emit):
    task = asyncio.run_coroutine_threadsafe(complete(url, emit), loop)
    return task.cancel


async def complete(url, emit):
    target = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(target.query))
    path = target.path.removesuffix("/chat/completions")
    try:
        # The tests decide how long there is no room for it.
        async with AsyncOpenAI(
            api_key="none",
            base_url=f"{target.scheme}://{target.netloc}{path}",
            default_query=query,
            max_retries=20,
        ) as client:
            chunks = await client.chat.completions.create(
                model="test",
                messages=[{"role": "user", "content": query.get("prompt", "")}],
                stream=True,
            )
            emit({"type": "open"})
            async for chunk in chunks:
                content = chunk.choices[0].delta.content or ""
                emit({"type": "event", "event": "message", "data": content, "id": ""})
            emit({"type": "end"})
    except Exception as error:
        emit({"type": "failed", "why": repr(error)})


threading.Thread(target=loop.run_forever, daemon=True).start()
agent.run(open_stream)
