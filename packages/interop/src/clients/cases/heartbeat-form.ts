import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { IGNORE_LAST_WORDS, OUTCOMES } from './heartbeat-evidence.ts'
import { createLastWords, type LastForm } from './last-words.ts'
import {
  BEFORES,
  countEvents,
  QUIET_FORMS,
  type QuietForm,
  quietFormListener,
} from './quiet-forms.ts'
import { TIMEOUT_MS, useListener } from './use-server.ts'

/** Holds the evidence of docs/decisions/002-heartbeat-form.md. */
export function defineHeartbeatFormCases(client: Client): void {
  const [protocol = 'http/1.1'] = client.protocols
  describe(`${client.name} and what is to be no event`, { timeout: TIMEOUT_MS }, () => {
    const used = useListener(protocol, quietFormListener)
    for (const form of Object.keys(QUIET_FORMS) as QuietForm[]) {
      const expected = OUTCOMES[client.name]?.[form] ?? [0, 0, 0]
      it(`makes ${expected.join(', ')} events of "${form}" after ${BEFORES.join(', ')}`, async () => {
        const counts = BEFORES.map((before) => countEvents(client, used.server, form, before))
        expect(await Promise.all(counts)).toEqual(expected)
      })
    }
  })
  if (!client.reconnects) return
  describe(`${client.name} and the last words of a stream`, { timeout: TIMEOUT_MS }, () => {
    const lastWords = createLastWords()
    const used = useListener(protocol, lastWords.listener)
    const expected: Readonly<Record<LastForm, boolean>> = {
      'retry, LF': !IGNORE_LAST_WORDS.includes(client.name),
      'retry, LF, LF': true,
    }
    for (const [form, isObeyed] of Object.entries(expected) as [LastForm, boolean][]) {
      it(`${isObeyed ? 'obeys' : 'ignores'} "${form}" at the end`, async () => {
        expect(await lastWords.areObeyed(client, used.server, form)).toBe(isObeyed)
      })
    }
  })
}
