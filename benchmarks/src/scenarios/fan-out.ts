import { canOpenFiles } from '../load/open-files.ts'
import { BURST_METRICS, type Burst, measureBurst } from '../measure/burst.ts'
import { inRounds, toRows } from '../measure/spread.ts'
import { setStage } from '../measure/stage.ts'
import { createLab, type Lab } from '../native/lab.ts'
import type { ScenarioResult } from '../report/result.ts'
import { C, runnable } from '../systems/start.ts'
import { ALL, FEW } from './names.ts'

interface Setting {
  readonly connections: number
  readonly perTick: number
  readonly dataBytes: number
  readonly rounds: number
  /** Not all, where those of a kind were compared already, or a tick takes some of them seconds. */
  readonly names?: readonly string[]
}

const SMALL = 100
const LARGE = 16_384
const TITLES: Readonly<Record<string, string>> = {
  'fan-out': 'Fan-out',
  'fan-out-fetch': 'Fan-out through Web Streams',
  'fan-out-distinct': 'Another event for each',
}
const FETCH = [C, 'better-sse fetch', '@sse/core fetch']
const FAST = [C, 'nchan', 'raw', 'better-sse', '@sse/core/node', '@sse/hono']
const SOME = [...FAST, 'hono']

const SHORT: readonly Setting[] = [
  { connections: 1_000, perTick: 1, dataBytes: SMALL, rounds: 5 },
  { connections: 100, perTick: 16, dataBytes: SMALL, rounds: 5 },
]

// Left out: 16 KB events with 16 in a tick from 1,000 connections on, and with 4 with 10,000. That is 256 MB and more in a
// tick, and measures how fast memory is copied. What a goal is about has more rounds.
const FULL: readonly Setting[] = [
  { connections: 100, perTick: 1, dataBytes: SMALL, rounds: 20 },
  { connections: 100, perTick: 4, dataBytes: SMALL, rounds: 8, names: SOME },
  { connections: 100, perTick: 16, dataBytes: SMALL, rounds: 8, names: SOME },
  { connections: 100, perTick: 1, dataBytes: LARGE, rounds: 8, names: SOME },
  { connections: 100, perTick: 4, dataBytes: LARGE, rounds: 8, names: SOME },
  { connections: 100, perTick: 16, dataBytes: LARGE, rounds: 8, names: SOME },
  { connections: 1_000, perTick: 1, dataBytes: SMALL, rounds: 30 },
  { connections: 1_000, perTick: 4, dataBytes: SMALL, rounds: 8, names: SOME },
  { connections: 1_000, perTick: 16, dataBytes: SMALL, rounds: 20, names: SOME },
  { connections: 1_000, perTick: 1, dataBytes: LARGE, rounds: 8, names: SOME },
  { connections: 1_000, perTick: 4, dataBytes: LARGE, rounds: 8, names: SOME },
  { connections: 10_000, perTick: 1, dataBytes: SMALL, rounds: 20 },
  { connections: 10_000, perTick: 4, dataBytes: SMALL, rounds: 8, names: FAST },
  { connections: 10_000, perTick: 16, dataBytes: SMALL, rounds: 8, names: FAST },
  { connections: 10_000, perTick: 1, dataBytes: LARGE, rounds: 8, names: FAST },
]
const FETCH_SETTINGS: readonly Setting[] = [
  { connections: 1_000, perTick: 1, dataBytes: SMALL, rounds: 30 },
  { connections: 1_000, perTick: 16, dataBytes: SMALL, rounds: 12 },
]

/** One publisher, many connections. */
export async function fanOut(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const settings = (mode === 'short' ? SHORT : FULL).filter(({ connections }) =>
    canOpenFiles(connections),
  )
  const lab = createLab()
  const results: ScenarioResult[] = []
  for (const connections of new Set(settings.map((setting) => setting.connections))) {
    const ofSize = settings.filter((setting) => setting.connections === connections)
    const names = runnable(mode === 'short' ? FEW : ALL)
    results.push(...(await measureAll(lab, 'fan-out', names, ofSize)))
  }
  const fetchSettings = mode === 'short' ? [] : FETCH_SETTINGS
  for (const setting of fetchSettings) {
    results.push(...(await measureAll(lab, 'fan-out-fetch', runnable(FETCH), [setting])))
  }
  await lab.stop()
  return results
}

/** Another event for each of many connections: many answers at once. */
export async function fanOutDistinct(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const lab = createLab()
  const names = runnable(mode === 'short' ? FEW : ALL.filter((name) => name !== 'nchan'))
  const setting = {
    connections: 1_000,
    perTick: 1,
    dataBytes: SMALL,
    rounds: mode === 'short' ? 3 : 30,
  }
  const results = await measureAll(lab, 'fan-out-distinct', names, [setting])
  await lab.stop()
  return results
}

/** Measures settings of the same number of connections, with all systems alive and connected. */
async function measureAll(
  lab: Lab,
  group: string,
  names: readonly string[],
  settings: readonly Setting[],
): Promise<ScenarioResult[]> {
  const isDistinct = group === 'fan-out-distinct'
  const results: ScenarioResult[] = []
  const failed = new Set<string>()
  const stage = await setStage(lab, names, settings[0]?.connections ?? 0, { isDistinct })
  for (const setting of settings) {
    const { connections, perTick, dataBytes, rounds } = setting
    const burst: Burst = { perTick, dataBytes, isDistinct, warmUpMs: 50, windowMs: 150 }
    const measured = names.filter(
      (name) => !failed.has(name) && (setting.names?.includes(name) ?? true),
    )
    const figures = await inRounds(measured, rounds, (name) =>
      measureBurst(stage.contender(name), burst),
    )
    for (const name of measured) if (!figures.has(name)) failed.add(name)
    const baseline = measured.includes(C) ? C : 'raw'
    results.push({
      id: `${group}-${connections}x${perTick}x${dataBytes}`,
      group,
      title: `${TITLES[group]}: ${connections.toLocaleString('en')} connections, ${perTick} in a tick, ${dataBytes.toLocaleString('en')} bytes`,
      parameters: { connections, perTick, dataBytes, rounds, windowMs: burst.windowMs },
      metrics: BURST_METRICS,
      baseline,
      rows: toRows(figures, BURST_METRICS, baseline),
      notes: [
        ...[...failed].map((name) => `${name} failed, and is left out.`),
        ...(lab.isNative
          ? []
          : ['No C compiler: the client is a Node program, which may be what limits.']),
        ...(measured.includes('nchan')
          ? [
              'nchan: the process that publishes to nginx over HTTP is not counted, and shares its core.',
            ]
          : []),
      ],
    })
  }
  await stage.stop()
  return results
}
