import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { rejection } from '../../test/support.ts'
import { openSocket } from './open-socket.ts'

// Listens with a backlog of 1 and then stops its thread, so that nobody accepts.
const STUCK_SERVER = `
  const { createServer } = require('node:net')
  const { parentPort, workerData } = require('node:worker_threads')
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(workerData, 0, 0)
  })
`
const MORE_THAN_THE_BACKLOG = 8

describe('openSocket', () => {
  const opened: Socket[] = []
  let worker: Worker | undefined
  afterEach(async () => {
    // Before the server: they would be reset by its end.
    for (const socket of opened.splice(0)) socket.destroy()
    await worker?.terminate()
  })

  it('rejects when the connection is not there in time', async () => {
    const workerData = new Int32Array(new SharedArrayBuffer(4))
    worker = new Worker(STUCK_SERVER, { eval: true, workerData })
    const [port] = (await once(worker, 'message')) as [number]
    const address = { hostname: '127.0.0.1', port }
    const openAll = async () => {
      for (let n = 0; n < MORE_THAN_THE_BACKLOG; n++) {
        opened.push(await openSocket(address, { timeoutMs: 200 }))
      }
    }
    const error = await rejection(openAll())
    expect(error.code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(error.message).toBe(`no connection to 127.0.0.1:${port}: none within 200 ms`)
  })
})
