import { describe } from 'vitest'
import { defineClientCases } from './cases/define-cases.ts'
import { findDeno, useDeno } from './deno.ts'

const deno = findDeno()

describe.skipIf(deno === undefined)('Deno', () => {
  const { eventSource, fetch } = useDeno(deno ?? '')
  defineClientCases({ EventSource: [eventSource], reader: [fetch] })
})
