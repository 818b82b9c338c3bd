import { describe } from 'vitest'
import { findChromium, useChromium } from '../clients/chromium.ts'
import { defineCompressedCases } from './cases.ts'

const chromium = findChromium()

describe.skipIf(chromium === undefined)('Chromium', () => {
  const { eventSource, fetch } = useChromium(chromium ?? '')
  defineCompressedCases([eventSource, fetch])
})
