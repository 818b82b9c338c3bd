import { describe } from 'vitest'
import { defineClientCases } from './cases/define-cases.ts'
import { findChromium, useChromium } from './chromium.ts'

const chromium = findChromium()

describe.skipIf(chromium === undefined)('Chromium', () => {
  const { eventSource, fetch, library } = useChromium(chromium ?? '')
  defineClientCases({
    EventSource: [eventSource],
    reader: [fetch],
    'fetch-event-source': [library],
  })
})
