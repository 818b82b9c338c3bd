import type { ConformanceCase } from './conformance-case.ts'

/** The id of a case that a function makes: `caseId('FRAME', 3)` is `SSE-FRAME-03`. */
export function caseId(topic: string, number: number): ConformanceCase['id'] {
  return `SSE-${topic}-${String(number).padStart(2, '0') as `${number}`}`
}
