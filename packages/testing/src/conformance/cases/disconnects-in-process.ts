import { expect } from 'vitest'
import type { ConformanceCase } from '../conformance-case.ts'
import { SPECS } from '../specs.ts'

/** What a client that leaves looks like to a fetch handler: runtimes tell it in one of two ways, or both. */
export const IN_PROCESS_DISCONNECT_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-LEAVE-21',
    level: 'MUST',
    name: 'a response body that is cancelled is a client that left',
    spec: SPECS.streamCancel,
    requires: ['in-process calls'],
    async run({ fetch, reasons }) {
      const response = await fetch('/patient')
      await response.body?.cancel()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-22',
    level: 'MUST',
    name: 'a request whose signal aborts is a client that left',
    spec: SPECS.abort,
    requires: ['in-process calls'],
    async run({ fetch, reasons }) {
      const departure = new AbortController()
      await fetch('/patient', { signal: departure.signal })
      departure.abort()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-23',
    level: 'MUST',
    name: 'a request whose signal has aborted before the handler ran opens nothing',
    spec: SPECS.abort,
    requires: ['in-process calls'],
    async run({ fetch, recorder, sse }) {
      const response = await fetch('/patient', { signal: AbortSignal.abort() })
      expect(response.headers.get('content-type') ?? '').not.toContain('event-stream')
      expect(recorder.streams).toEqual([])
      expect(sse.stats().opened).toBe(0)
    },
  },
]
