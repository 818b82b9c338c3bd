// The agent as a program for Deno and Bun: commands come in as lines of JSON, messages go out so.
import { createInterface } from 'node:readline'
import { createAgent, type Message, READY } from './agent.ts'
import type { Opener } from './happening.ts'
import { listen } from './listen.ts'
import { readWith } from './read.ts'

const openers: Record<string, Opener> = { fetch: readWith(fetch) }
if (typeof EventSource === 'function') {
  openers['EventSource'] = (url, _headers, emit) => listen(new EventSource(url), emit)
}

function send(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

const run = createAgent(openers, send)
createInterface({ input: process.stdin }).on('line', (line) => run(JSON.parse(line)))
send(READY)
