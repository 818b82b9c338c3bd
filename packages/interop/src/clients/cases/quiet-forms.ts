import type { NodeListener } from '@sse/testing'
import { PAGE, PAGE_HTML } from '../../adapters/app.ts'
import { param } from '../../scenarios/scenario.ts'
import type { Client } from '../client.ts'
import type { Listening } from './use-server.ts'

/** What a server can write that is to be no event. */
export const QUIET_FORMS = {
  'colon, LF': ':\n',
  'colon, space, LF': ': \n',
  'colon, LF, LF': ':\n\n',
  'colon, text, LF, LF': ': heartbeat\n\n',
  LF: '\n',
  'retry, LF': 'retry: 60\n',
  'retry, LF, LF': 'retry: 60\n\n',
} as const

export type QuietForm = keyof typeof QUIET_FORMS

/** What came before it in the stream: nothing, an event without an id, or one with an id. */
export const BEFORES = ['nothing', 'event', 'id'] as const

/** What a client makes of a form, in the order of {@link BEFORES}: so many events, or a broken stream. */
export type Outcome = readonly [number | 'breaks', number | 'breaks', number | 'breaks']

const TIMES = 3
const PATH = '/form/chat/completions'

/** Writes a form three times, after what the query says, and then an event. */
export const quietFormListener: NodeListener = (req, res) => {
  const url = req.url ?? '/'
  if (url === PAGE) {
    res.setHeader('Content-Type', 'text/html')
    return void res.end(PAGE_HTML)
  }
  // The browser also asks for an icon.
  if (!url.startsWith(PATH)) return void res.writeHead(404).end()
  res.setHeader('Content-Type', 'text/event-stream')
  const form = QUIET_FORMS[param(url, 'form') as QuietForm]
  const before = param(url, 'before')
  if (before !== 'nothing') res.write(`${before === 'id' ? 'id: 1\n' : ''}${chunk('first')}`)
  for (let time = 0; time < TIMES; time += 1) res.write(form)
  res.write(chunk('last'))
}

/** For the clients that can read nothing else, in the shape of a chat completion. */
function chunk(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
}

/** Counts the events that a client makes of a form. */
export async function countEvents(
  client: Client,
  server: Listening,
  form: QuietForm,
  before: (typeof BEFORES)[number],
): Promise<Outcome[number]> {
  const stream = client.open(server, `${PATH}?${new URLSearchParams({ form, before })}`)
  try {
    for (let count = 0; ; ) {
      const happening = await stream.next(({ type }) => type !== 'open')
      if (happening.type !== 'event') return 'breaks'
      if (happening.data.includes('last')) return count
      if (!happening.data.includes('first')) count += 1
    }
  } finally {
    stream.close()
  }
}
