import { describe } from 'vitest'
import type { Client } from '../client.ts'
import { defineCompletionCases } from './completions.ts'
import { defineEventSourceCases } from './event-source.ts'
import { defineHeartbeatFormCases } from './heartbeat-form.ts'
import { defineReaderCases } from './reader.ts'
import { defineReconnectCases, defineResumeCases } from './resuming.ts'
import { defineStreamingCases } from './streaming.ts'
import { describeAdapters, type UsedServer } from './use-server.ts'

type DefineCases = (client: Client, used: UsedServer) => void

const CASES = {
  /** Everything that has the interface of an EventSource. */
  EventSource: [defineStreamingCases, defineReconnectCases, defineEventSourceCases],
  /** Everything that reads one response, and leaves it to its user what to do then. */
  reader: [defineStreamingCases, defineResumeCases, defineReaderCases],
  /** What its user can do the same with as with an EventSource, and more. */
  'fetch-event-source': [
    defineStreamingCases,
    defineReconnectCases,
    defineResumeCases,
    defineReaderCases,
  ],
  /** Everything that asks for chat completions and takes nothing else. */
  openai: [defineCompletionCases],
} satisfies Record<string, DefineCases[]>

type Sort = keyof typeof CASES

/** Runs clients of each sort against every adapter that they can reach, with one server for all of them. */
export function defineClientCases(sorts: Partial<Record<Sort, readonly Client[]>>): void {
  const all = Object.entries(sorts).flatMap(([sort, clients]) =>
    clients.map((client) => ({ client, cases: CASES[sort as Sort] })),
  )
  for (const { client } of all) defineHeartbeatFormCases(client)
  const protocols = all.flatMap(({ client }) => client.protocols)
  describeAdapters(protocols, (used, protocol) => {
    for (const { client, cases } of all) {
      if (!client.protocols.includes(protocol)) continue
      describe(client.name, { concurrent: false }, () => {
        for (const define of cases) define(client, used)
      })
    }
  })
}
