import { describe, expect, it } from 'vitest'
import { startSilentApi } from '../test-support/fake-api.ts'
import { FRAMEWORKS, startTestDemo } from '../test-support/test-demo.ts'

describe.each(FRAMEWORKS)('shutting down %s', (name) => {
  it('says farewell to the open streams, stops the model, and closes the servers', async () => {
    await using model = await startSilentApi()
    await using demo = await startTestDemo({ api: model.api })
    await using connection = await demo.ask(name)
    await connection.until('token')
    await demo.demo.close(5_000)

    const events = await connection.all()
    expect(events.at(-1)).toMatchObject({ event: 'error' })
    expect(events.at(-1)?.json()).toEqual({ error: 'The server is shutting down.' })
    expect(connection.retry).toBeGreaterThan(0)
    expect(await connection.ended()).toBe('completed')
    expect(demo.endsOf(name)).toEqual(['shutdown'])
    await model.closed
    await expect(demo.ask(name)).rejects.toMatchObject({ code: 'ERR_SSE_TEST_NO_RESPONSE' })
  })
})
