import { describe } from 'vitest'
import { defineClientCases } from './cases/define-cases.ts'
import { findPythonWithOpenai, usePythonOpenai } from './python.ts'

const python = findPythonWithOpenai()

describe.skipIf(python === undefined)('openai for Python', () => {
  defineClientCases({ openai: [usePythonOpenai(python ?? '')] })
})
