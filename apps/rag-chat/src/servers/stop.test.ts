import { connect } from '@sse/testing'
import { describe, expect, it } from 'vitest'
import { startSilentApi } from '../test-support/fake-api.ts'
import { FRAMEWORKS, SOON, startTestDemo } from '../test-support/test-demo.ts'

describe.each(FRAMEWORKS)('a client of %s that stops', (name) => {
  it('stops the call of the model, and that is no error', async () => {
    await using demo = await startTestDemo({ tokenDelayMs: 150 })
    const connection = await demo.ask(name)
    await connection.until('token')
    await connection.close()
    await expect.poll(() => demo.endsOf('Model'), SOON).toEqual(['client-disconnect'])
    await expect.poll(() => demo.endsOf(name), SOON).toEqual(['client-disconnect'])
    await demo.demo.close(0)
    expect(demo.errors).toEqual([])
  })

  it('closes the connection to a model that writes nothing more', async () => {
    await using model = await startSilentApi()
    await using demo = await startTestDemo({ api: model.api })
    const connection = await demo.ask(name)
    await connection.until('token')
    await connection.close()
    await model.closed
    await expect.poll(() => demo.endsOf(name), SOON).toEqual(['client-disconnect'])
  })

  it('keeps the model from being asked when it stops in a stage before', async () => {
    await using demo = await startTestDemo({ stageDelayMs: 50_000 })
    const connection = await demo.ask(name)
    await connection.take(1)
    await connection.close()
    await expect.poll(() => demo.endsOf(name), SOON).toEqual(['client-disconnect'])
    expect(demo.chat(name).sse.stats().orphaned).toBe(0)
    expect(demo.demo.modelServer?.stats().opened).toBe(0)
  })

  it('stops only its own answer', async () => {
    await using demo = await startTestDemo({ tokenDelayMs: 5 })
    const { url } = demo.chat(name)
    await using other = await connect(url, { path: '/chat', body: { question: 'proxies' } })
    const connection = await demo.ask(name)
    await connection.until('token')
    await connection.close()
    expect((await other.all()).at(-1)?.event).toBe('done')
  })
})
