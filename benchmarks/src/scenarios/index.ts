import type { ScenarioResult } from '../report/result.ts'
import { fanOut, fanOutDistinct } from './fan-out.ts'

/** Measures; throws if anything that was delivered is not as it should be. */
export type Scenario = (mode: 'short' | 'full') => Promise<ScenarioResult[]>

/** All that is measured, by group, in the order of the report. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'fan-out': fanOut,
  'fan-out-distinct': fanOutDistinct,
}
