import type { NodeListener } from '@sse/testing'
import { PAGE, PAGE_HTML } from '../../adapters/app.ts'
import { createInbox } from '../../inbox.ts'
import { param } from '../../scenarios/scenario.ts'
import type { Client } from '../client.ts'
import { QUIET_FORMS } from './quiet-forms.ts'
import type { Listening } from './use-server.ts'

/** How a stream without events can say when to come back. */
export type LastForm = 'retry, LF' | 'retry, LF, LF'

const PATH = '/last-words'

/** A server that only tells its clients when to come back. */
export function createLastWords(): {
  readonly listener: NodeListener
  /** Whether a client comes back earlier than it would without being told. */
  areObeyed(client: Client, server: Listening, form: LastForm): Promise<boolean>
} {
  const visits = createInbox<{ form: string | null; atMs: number }>('last words')
  return {
    listener: (req, res) => {
      const url = req.url ?? '/'
      if (url === PAGE) {
        res.setHeader('Content-Type', 'text/html')
        return void res.end(PAGE_HTML)
      }
      if (!url.startsWith(PATH)) return void res.writeHead(404).end()
      const form = param(url, 'form')
      visits.put({ form, atMs: performance.now() })
      res.setHeader('Content-Type', 'text/event-stream')
      res.end(`:\n${QUIET_FORMS[form as LastForm]}`)
    },
    async areObeyed(client, server, form) {
      const visit = (): ReturnType<typeof visits.take> => visits.take((each) => each.form === form)
      const stream = client.open(server, `${PATH}?${new URLSearchParams({ form })}`)
      try {
        const { atMs: cameAtMs } = await visit()
        const { atMs: cameBackAtMs } = await visit()
        return cameBackAtMs - cameAtMs < (client.reconnectsAfterMs ?? 3_000)
      } finally {
        stream.close()
      }
    },
  }
}
