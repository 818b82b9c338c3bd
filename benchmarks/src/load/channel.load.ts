import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { FIRST_NUMBER } from './feeds.ts'
import { type Follower, type FollowerView, follow } from './follower-client.ts'
import { canOpenFiles } from './open-files.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const SUBSCRIBERS = 10_000
// Opened a few at a time: the kernel's queue of connections that wait to be accepted is short.
const OPENED_TOGETHER = 200
const STEPS = 150
const STEP_MS = 100
const LEAVING_EACH_STEP = 30
const MOST_STEPS_AWAY = 10
const STEPS_BETWEEN_EVENTS = 5
const EVENTS = { feed: 'history', ticks: 1, perTick: 3, dataBytes: 100 } as const

const MEGABYTE = 1_000_000
const KIB = 1_024
const PUBLISHED = 256 * KIB
const PER_TICK = 16

const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

describe.skipIf(!canOpenFiles(SUBSCRIBERS))('many subscribers', () => {
  it('10,000 see every event once and in order, while hundreds a second leave and come back', async () => {
    const server = await startServer('node:http', {}, ['--expose-gc'])
    servers.push(server)
    const open = (view?: FollowerView): Follower => follow(server.port, '/history', view)
    const leaveAll = async (followers: readonly Follower[]): Promise<void> => {
      for (const { socket } of followers) socket.destroy()
      await until('all have left', async () => (await server.report()).stats.active === 0)
    }
    const openMany = async (count: number): Promise<Follower[]> => {
      const followers: Follower[] = []
      while (followers.length < count) {
        const opened = Array.from({ length: OPENED_TOGETHER }, () => open())
        followers.push(...opened)
        await until('all are open', () => opened.every(({ view }) => view.isOpen))
      }
      return followers
    }

    // What is made once, and stays.
    const first = await openMany(OPENED_TOGETHER)
    await server.publish({ ...EVENTS, ticks: 400 })
    await leaveAll(first)
    const before = await server.report(true)

    const followers = await openMany(SUBSCRIBERS)
    const startedAt = performance.now()
    await server.report()
    let cpuMicros = 0
    const publish = async (): Promise<void> => {
      cpuMicros += (await server.publish(EVENTS)).cpuMicros
    }
    const away: { at: number; backAt: number }[] = []
    let comebacks = 0
    const comeBack = (step: number): void => {
      for (const { at, backAt } of away.splice(0)) {
        if (backAt > step) {
          away.push({ at, backAt })
          continue
        }
        followers[at] = open((followers[at] as Follower).view)
        comebacks += 1
      }
    }
    // The first event gives everyone an id to come back with.
    await publish()
    for (let step = 0; step < STEPS; step += 1) {
      comeBack(step)
      for (let count = 0; count < LEAVING_EACH_STEP; count += 1) {
        const at = Math.floor(Math.random() * SUBSCRIBERS)
        const { socket, view } = followers[at] as Follower
        if (socket.destroyed || view.lastEventId === '') continue
        if (count % 2 === 0) socket.destroy()
        else socket.resetAndDestroy()
        away.push({ at, backAt: step + 1 + Math.floor(Math.random() * MOST_STEPS_AWAY) })
      }
      if (step % STEPS_BETWEEN_EVENTS === 0) await publish()
      await sleep(STEP_MS)
    }
    comeBack(Infinity)
    await publish()
    const { first: firstNumber = -1 } = followers[0]?.view ?? {}
    const last = firstNumber + EVENTS.perTick * (STEPS / STEPS_BETWEEN_EVENTS + 2) - 1
    await until('all have the last event', () => followers.every(({ view }) => view.last === last))

    const seconds = (performance.now() - startedAt) / 1_000
    const { stats, subscribers, rssBytes, ...rest } = await server.report()
    cpuMicros += rest.cpuMicros
    const wrong = followers.filter(({ view }) => {
      const { first: from, last: to, faults, gaps } = view
      return from !== firstNumber || to !== last || faults > 0 || gaps > 0
    })
    expect(wrong.map(({ view }) => view)).toEqual([])
    expect(subscribers).toBe(SUBSCRIBERS)
    expect(stats).toMatchObject({ active: SUBSCRIBERS, dropped: 0, orphaned: 0 })
    const { 'client-disconnect': left, ...otherEnds } = stats.ended
    expect(left).toBe(stats.opened - SUBSCRIBERS)
    expect(Object.values(otherEnds).every((count) => count === 0)).toBe(true)

    await leaveAll(followers)
    const after = await server.report(true)
    console.log(
      `${comebacks} comebacks in ${seconds.toFixed(1)} s, ${((cpuMicros / seconds) * 1e-4).toFixed(0)} % of a core, ` +
        `${(rssBytes / MEGABYTE).toFixed(0)} MB; in use before ${(before.heldBytes / MEGABYTE).toFixed(1)} MB, ` +
        `after ${(after.heldBytes / MEGABYTE).toFixed(1)} MB`,
    )
    expect(after.subscribers).toBe(0)
    expect(after.heldBytes - before.heldBytes).toBeLessThan(8 * MEGABYTE)
  })
})

// What is in use, not the RSS: publishing that much makes V8 enlarge its heap by 40 to 60 MB as soon as anything
// waits for longer than a moment, for one frozen subscriber as for a hundred.
it('a frozen subscriber of 256 MiB costs less than 32 MB, and is told what it lost', async () => {
  const server = await startServer('node:http', { sendTimeoutMs: 60_000 }, ['--expose-gc'])
  servers.push(server)
  const reader = follow(server.port, '/lossy')
  await until('it is open', () => reader.view.isOpen)
  const { heldBytes: before } = await server.report(true)
  const frozen = follow(server.port, '/lossy')
  await until('it is open', () => frozen.view.isOpen)
  frozen.socket.pause()
  const { peakHeldBytes } = await server.publish({
    feed: 'lossy',
    ticks: PUBLISHED / PER_TICK,
    perTick: PER_TICK,
    dataBytes: KIB,
    looks: true,
  })
  console.log(`a frozen subscriber: ${((peakHeldBytes - before) / MEGABYTE).toFixed(1)} MB at most`)
  expect(peakHeldBytes).toBeGreaterThan(0)
  expect(peakHeldBytes - before).toBeLessThan(32 * MEGABYTE)

  frozen.socket.resume()
  const followers = [reader, frozen]
  await until('both have heard of the last', () =>
    followers.every(({ view }) => view.last === FIRST_NUMBER + PUBLISHED - 1),
  )
  for (const { view, socket } of followers) {
    expect(view).toMatchObject({ first: FIRST_NUMBER, faults: 0 })
    socket.destroy()
  }
  expect(frozen.view.gaps).toBe(1)
  expect(frozen.view.lost).toBeGreaterThan(PUBLISHED / 2)
})
