import { describe } from 'vitest'
import { findBun, useBun } from './bun.ts'
import { defineClientCases } from './cases/define-cases.ts'

const bun = findBun()

describe.skipIf(bun === undefined)('Bun', () => {
  defineClientCases({ reader: [useBun(bun ?? '')] })
})
