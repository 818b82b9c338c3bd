import { describe, expect, it } from 'vitest'
import { readSettings } from './settings.ts'

describe('the settings', () => {
  it('are the usual ones where nothing, or nothing but empty text, is set', () => {
    const usual = {
      host: '127.0.0.1',
      ports: [3001, 3002, 3003],
      api: undefined,
      model: 'demo',
      stageDelayMs: 400,
      tokenDelayMs: 40,
      maxStreamsPerAddress: 100,
    }
    expect(readSettings({})).toEqual(usual)
    expect(readSettings({ PORT: '', OPENAI_BASE_URL: '', OPENAI_MODEL: '' })).toEqual(usual)
  })

  it('take the ports that follow PORT, or free ones for 0', () => {
    expect(readSettings({ PORT: '65533' }).ports).toEqual([65533, 65534, 65535])
    expect(readSettings({ PORT: '0' }).ports).toEqual([0, 0, 0])
  })

  it('ask another API when its base URL is set', () => {
    const env = {
      OPENAI_BASE_URL: 'https://api.example/v1',
      OPENAI_API_KEY: 'sk',
      OPENAI_MODEL: 'm',
    }
    const api = { baseURL: 'https://api.example/v1', apiKey: 'sk' }
    expect(readSettings(env)).toMatchObject({ api, model: 'm' })
  })

  it('never spend money because a key is set', () => {
    expect(readSettings({ OPENAI_API_KEY: 'sk' }).api).toBeUndefined()
  })

  it('refuse a limit of no streams', () => {
    expect(() => readSettings({ MAX_STREAMS_PER_ADDRESS: '0' })).toThrow('from 1 to 1000, got "0".')
  })

  it.each(['-1', '1.5', 'x', '65534', '1e3'])('refuse the port %s', (port) => {
    expect(() => readSettings({ PORT: port })).toThrow(
      `PORT must be an integer from 0 to 65533, got "${port}".`,
    )
  })
})
