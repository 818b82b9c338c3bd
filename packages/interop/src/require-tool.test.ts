import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { requireTool } from './require-tool.ts'

describe('requireTool', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()

  beforeEach(() => {
    warn.mockClear()
    vi.stubEnv('SSE_REQUIRE_ALL', undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('finds a command on the PATH', () => {
    expect(requireTool('sh', ['no-such-shell', 'sh'], 'none')).toMatch(/\/sh$/)
  })

  it('takes an absolute path', () => {
    expect(requireTool('node', [process.execPath], 'none')).toBe(process.execPath)
  })

  it('takes what a function finds', () => {
    expect(requireTool('it', () => '/opt/it', 'none')).toBe('/opt/it')
  })

  it('prints what to install when it finds nothing', () => {
    expect(requireTool('Unicorn', ['no-such-command'], 'apt-get install unicorn')).toBeUndefined()
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'Unicorn is missing, its tests cannot run. To install it: apt-get install unicorn',
    )
  })

  it('throws when nothing may be missing', () => {
    vi.stubEnv('SSE_REQUIRE_ALL', '1')
    expect(() => requireTool('Unicorn', ['no-such-command'], 'apt-get install unicorn')).toThrow(
      'To install it: apt-get install unicorn',
    )
  })
})
