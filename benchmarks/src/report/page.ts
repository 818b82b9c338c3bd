import { formatNumber } from './format.ts'
import { goalResults } from './goals.ts'
import { parametersOf, scenarioTable, table, titleOf } from './markdown.ts'
import type { Plot } from './plots.ts'
import type { RunHeader, RunResult, ScenarioResult } from './result.ts'
import { betterPeers, medianOf } from './systems.ts'

const GROUPS: Readonly<Record<string, string>> = {
  encode: 'Encoding',
  'one-stream': 'One stream',
  'fan-out': 'Fan-out',
  'fan-out-fetch': 'Fan-out through Web Streams',
  'fan-out-distinct': 'Another event for each',
  latency: 'Latency',
  overload: 'Overload',
  memory: 'Memory',
  heartbeats: 'Heartbeats',
  'never-reading': 'A client that never reads',
  opens: 'Opening and closing',
  resume: 'Resuming',
  check: 'Regression check',
}

const METHOD = `- Every system is a process of its own, in its newest version, and sends the same events in its idiomatic way. Client and server are on cores of their own.
- All systems of a scenario are alive at once, and take turns in short windows, in rounds whose order rotates. Each figure is divided by that of the baseline in the same round: these ratios hold from one run to another, absolute figures do not.
- Tables show the median of the rounds, and in brackets the least and the most.
- CPU is what the scheduler counted for all threads of the server: waiting for a core does not show.
- The client counts and compares. A scenario fails if any event is lost, cut, doubled or out of order.
- *raw* is what people write by hand with \`node:http\`. *C* is a small program with epoll that does one \`write()\` for each delivery: as little as any server can do.`

/** The page that docs show: what was measured, what it says, and where others are better. */
export function reportPage(run: RunResult, plots: readonly Plot[]): string {
  const groups = [...new Set(run.scenarios.map(({ group }) => group))]
  return `${[
    '# Performance',
    'Written by `npm run bench:full`. Do not edit: run it again.',
    headerTable(run.header),
    '## How it was measured',
    METHOD,
    '## Goals',
    'They were set before there was anything to measure, and high on purpose. One is met when the worst of `@sse` meets every part of it.',
    goalTable(run),
    '## Where a peer is better',
    betterPeersList(run.scenarios),
    ...groups.flatMap((group) => groupSection(run, plots, group)),
  ].join('\n\n')}\n`
}

/** Tables of all scenarios, to be read in a terminal. */
export function reportText(run: RunResult): string {
  const { node, cores, cpu, kernel } = run.header
  return [
    `Node ${node}, ${cores} × ${cpu}, ${kernel}`,
    ...run.scenarios.flatMap(scenarioSection),
    '### Where a peer is better',
    betterPeersList(run.scenarios),
  ].join('\n\n')
}

function headerTable({ date, command, cpu, cores, kernel, node, versions }: RunHeader): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return table(
    ['', ''],
    [
      ['machine', `${cores} × ${cpu}, ${kernel}`],
      ['Node', node],
      ['versions', list.join(', ')],
      ['command', `\`${command}\``],
      ['date', date.slice(0, 10)],
    ],
  )
}

function goalTable(run: RunResult): string {
  const results = goalResults(run)
  const rows = results.map(({ goal, checks, verdict }) => [
    goal.what,
    goal.goal,
    checks.map(({ text, isMet }) => (isMet ? text : `*${text}*`)).join('; ') || (goal.test ?? '–'),
    verdict === 'yes' ? '**yes**' : verdict,
  ])
  const obstacles = results.flatMap(({ goal: { what, obstacle }, verdict }) => {
    const isMissed = verdict === 'no' || verdict === 'in part'
    return isMissed && obstacle !== undefined ? [`- ${what}: ${obstacle}`] : []
  })
  return [
    table(['what', 'goal', 'measured', 'met'], rows),
    'In italics: what misses its goal.',
    ...(obstacles.length === 0 ? [] : ['What is known to stand in the way:', obstacles.join('\n')]),
  ].join('\n\n')
}

function betterPeersList(scenarios: readonly ScenarioResult[]): string {
  const list = betterPeers(scenarios)
  if (list.length === 0) return 'In nothing that was measured here.'
  const rows = list.map(({ scenario, metric, peer, ours, factor }) => [
    scenario.title,
    titleOf(metric),
    `${peer.system}: ${formatNumber(medianOf(peer, metric.id))}`,
    `${ours.system}: ${formatNumber(medianOf(ours, metric.id))}`,
    Number.isFinite(factor) && factor > 0 ? `× ${formatNumber(factor)}` : '–',
  ])
  const intro =
    'Every row in which somebody else is better than the best of `@sse`, but for the baselines.'
  return `${intro}\n\n${table(['scenario', 'what', 'the peer', 'the best of ours', 'better by'], rows)}`
}

function groupSection({ scenarios }: RunResult, plots: readonly Plot[], group: string): string[] {
  const ofGroup = scenarios.filter((scenario) => scenario.group === group)
  const pictures = plots
    .filter(({ groups }) => groups.includes(group))
    .map(({ name, alt }) => `![${alt}](performance/${name}.svg)`)
  return [`## ${GROUPS[group] ?? group}`, ...pictures, ...ofGroup.flatMap(scenarioSection)]
}

function scenarioSection(scenario: ScenarioResult): string[] {
  const notes = scenario.notes.map((note) => `- ${note}`).join('\n')
  return [
    `### ${scenario.title}`,
    parametersOf(scenario),
    scenarioTable(scenario),
    ...(notes === '' ? [] : [notes]),
  ].filter((part) => part !== '')
}
