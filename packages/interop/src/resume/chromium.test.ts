import { describe } from 'vitest'
import { findChromium, useChromium } from '../clients/chromium.ts'
import { defineCutCases } from './cases.ts'

const chromium = findChromium()

describe.skipIf(chromium === undefined)('Chromium', () => {
  const { eventSource } = useChromium(chromium ?? '')
  defineCutCases(eventSource, (adapter) => /^(core node:http|Koa)/.test(adapter))
})
