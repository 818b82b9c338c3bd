import type { ScenarioResult } from '../report/result.ts'

/** Compressed channels. To be filled: channels do not compress yet. */
export async function compression(): Promise<ScenarioResult[]> {
  return []
}
