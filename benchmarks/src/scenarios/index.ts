import type { ScenarioResult } from '../report/result.ts'
import { compression } from './compression.ts'
import { encode } from './encode.ts'
import { fanOut, fanOutDistinct } from './fan-out.ts'
import { heartbeats } from './heartbeats.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { neverReading } from './never-reading.ts'
import { oneStream } from './one-stream.ts'
import { opens } from './opens.ts'
import { overload } from './overload.ts'
import { resume } from './resume.ts'

/** Measures; throws if anything that was delivered is not as it should be. */
export type Scenario = (mode: 'short' | 'full') => Promise<ScenarioResult[]>

/** All that is measured, by group, in the order of the report. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  encode,
  'one-stream': oneStream,
  'fan-out': fanOut,
  'fan-out-distinct': fanOutDistinct,
  latency,
  overload,
  memory,
  heartbeats,
  compression,
  'never-reading': neverReading,
  opens,
  resume,
}
