import { constants, inflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.doUnmock('node:zlib')
  vi.resetModules()
})

const text = 'data: what all of them have in common\n\n'
const bytes = new TextEncoder().encode(text)

/** The module on a runtime whose zlib does something else. */
async function loadWith(deflateRawSync: unknown) {
  vi.doMock('node:zlib', async (load) => ({ ...(await load<object>()), deflateRawSync }))
  vi.resetModules()
  return import('./deflate.ts')
}

describe('deflate', () => {
  it('makes blocks that can be decoded by themselves, and follow each other', async () => {
    const { deflate } = await import('./deflate.ts')
    const body = Buffer.concat([
      deflate(bytes),
      deflate(bytes, bytes),
      deflate(bytes.subarray(0, 3)),
    ])
    const flushed = { finishFlush: constants.Z_SYNC_FLUSH }
    expect(inflateRawSync(body, flushed).toString()).toBe(`${text}${text}dat`)
  })

  it('stores what is too short, which costs five bytes', async () => {
    const { deflate } = await import('./deflate.ts')
    expect([...deflate(bytes.subarray(0, 2))]).toEqual([0, 2, 0, 0xfd, 0xff, 0x64, 0x61])
  })
})

describe('whether a runtime can refer back', () => {
  it('is so on Node', async () => {
    const { canReferBack } = await import('./deflate.ts')
    expect(canReferBack()).toBe(true)
  })

  it('is not where the dictionary is taken and not used, as on Deno', async () => {
    const zlib = await import('node:zlib')
    const { canReferBack } = await loadWith((input: Uint8Array, options: object) =>
      zlib.deflateRawSync(input, { ...options, dictionary: undefined } as object),
    )
    expect(canReferBack()).toBe(false)
  })

  it('is not where nothing comes of it that can be decoded', async () => {
    const { canReferBack } = await loadWith(() => Buffer.from('nonsense'))
    expect(canReferBack()).toBe(false)
  })
})
