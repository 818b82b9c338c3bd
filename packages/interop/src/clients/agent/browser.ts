// The agent inside a browser's page. The test puts `report` there and calls `agent`.
import { createAgent, type Message } from './agent.ts'
import { openFetchEventSource } from './fetch-event-source.ts'
import { listen } from './listen.ts'
import { readWith } from './read.ts'

const scope = globalThis as unknown as { report(message: Message): void; agent: unknown }

scope.agent = createAgent(
  {
    EventSource: (url, _headers, emit) => listen(new EventSource(url), emit),
    fetch: readWith((url, init) => fetch(url, init)),
    'fetch-event-source': openFetchEventSource,
  },
  (message) => scope.report(message),
)
