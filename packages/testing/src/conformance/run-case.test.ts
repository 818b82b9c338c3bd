import { createSse, type FetchContext } from '@sse/core'
import { describe, expect, it, vi } from 'vitest'
import { type Abilities, resolveCapabilities } from './capabilities.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { defineAdapterConformance } from './define-adapter-conformance.ts'
import { assertStillFails, runCase } from './run-case.ts'
import type { ConformanceServer, ScenarioApp, StartServer } from './scenario.ts'
import type { Trial } from './trial.ts'

// What these cases leave behind never settles.
const SETTLE_MS = 20

const inProcess: Abilities = resolveCapabilities({ sockets: false })

const passing = caseOf(async ({ connect }) => {
  await (await connect('/two-events')).all()
})

describe('runCase', () => {
  it('passes a case that leaves nothing behind', async () => {
    await runCase(passing, mount, inProcess)
  })

  it('fails with what the case itself fails with', async () => {
    const failing = caseOf(async () => {
      throw new Error('not as it should be')
    })
    await expect(runCase(failing, mount, inProcess, SETTLE_MS)).rejects.toThrow(
      'not as it should be',
    )
  })

  it('fails when an error was reported that the case did not expect', async () => {
    const failing = caseOf(async ({ connect }) => {
      await (await connect('/throw/later')).all()
    })
    await expect(runCase(failing, mount, inProcess, SETTLE_MS)).rejects.toThrow(
      'unexpected calls of onError',
    )
  })

  it('fails when a source was not told to clean up', async () => {
    const forgetful = caseOf(async ({ recorder }) => {
      recorder.sources.push({ produced: 0, cleaned: 0 })
    })
    await expect(runCase(forgetful, mount, inProcess, SETTLE_MS)).rejects.toThrow(
      'each source cleans up once',
    )
  })

  it('fails when a slot was not returned', async () => {
    const leaking: StartServer = (scenario) => {
      const { target, sse } = mount(scenario)
      return { target, sse: { ...sse, stats: () => ({ ...sse.stats(), active: 1 }) } }
    }
    await expect(runCase(passing, leaking, inProcess, SETTLE_MS)).rejects.toThrow(
      'stats() when all is over',
    )
  })

  it('fails when a subscriber was not let go', async () => {
    const clinging = caseOf(async ({ stage }) => {
      const { channel } = stage
      stage.channel = { ...channel, stats: () => ({ ...channel.stats(), subscribers: 1 }) }
    })
    await expect(runCase(clinging, mount, inProcess, SETTLE_MS)).rejects.toThrow(
      'subscribers when all is over',
    )
  })

  it('fails when an error was printed, as that of a client that left must not be', async () => {
    const failing = caseOf(async () => console.error(new Error('premature close')))
    await expect(runCase(failing, mount, inProcess)).rejects.toThrow('or that were printed')
  })

  it('fails when the target is not of the kind that the capabilities say', async () => {
    const abilities = resolveCapabilities({})
    await expect(runCase(passing, mount, abilities)).rejects.toThrow('the target has no sockets')
  })
})

describe('assertStillFails', () => {
  it('passes a case that fails', async () => {
    const failing = caseOf(() => Promise.reject(new Error('as known')))
    await assertStillFails(failing, mount, inProcess)
  })

  it('fails for a case that no longer does', async () => {
    await expect(assertStillFails(passing, mount, inProcess)).rejects.toThrow(
      'SSE-TEST-01 no longer fails',
    )
  })
})

describe('defineAdapterConformance', () => {
  it('refuses known failures that are no cases', () => {
    const start = vi.fn()
    const define = () =>
      defineAdapterConformance('nothing', start, { knownFailures: { 'SSE-NONE-01': 'a reason' } })
    expect(define).toThrow(
      new TypeError('`knownFailures` must name cases of the suite, got SSE-NONE-01'),
    )
    expect(start).not.toHaveBeenCalled()
  })
})

function caseOf(run: (trial: Trial) => Promise<void>): ConformanceCase {
  return { id: 'SSE-TEST-01', level: 'MAY', name: 'is a case', spec: 'https://example.org', run }
}

function mount(scenario: ScenarioApp): ConformanceServer {
  const { options, handlers } = scenario.bind(({ request }: FetchContext) => ({
    header: (name) => request.headers.get(name) ?? undefined,
    json: () => request.json(),
  }))
  const sse = createSse(options)
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const found = handlers.find(({ path }) => path === pathname)
    if (found === undefined) return new Response(null, { status: 404 })
    return sse.handler(found.handler, found.route)(request)
  }
  return { target: { fetch }, sse }
}
