import { describe } from 'vitest'
import { defineClientCases } from './cases/define-cases.ts'
import { findPython, usePython } from './python.ts'

const python = findPython()

describe.skipIf(python === undefined)('Python', () => {
  defineClientCases({ reader: [usePython(python ?? '')] })
})
