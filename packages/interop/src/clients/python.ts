import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { requireTool } from '../require-tool.ts'
import { useAgentProcess } from './agent-process.ts'
import type { Client } from './client.ts'

const ENV = { PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' }

export function findPython(): string | undefined {
  return requireTool('Python 3.9 or newer', ['python3'], 'apt-get install python3')
}

/**
 * Finds a Python that has the SDK of OpenAI installed. Unlike Debian's packages it is never required: not every
 * machine that runs the tests can reach Python's package index.
 */
export function findPythonWithOpenai(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import openai'])
  if (status === 0) return 'python3'
  console.warn(
    'openai for Python is missing, its tests cannot run. To install it: pip install openai==3.22.1',
  )
  return undefined
}

/** The HTTP client of Python's standard library, with the decoding rules of openai for Python. */
export function usePython(python: string): Client {
  return useProgram(python, 'http_client.py').client('http.client', {
    name: "Python's http.client",
    protocols: ['http/1.1'],
    reconnects: false,
    headerText: 'utf-8',
  })
}

/** The SDK of OpenAI for Python. */
export function usePythonOpenai(python: string): Client {
  return useProgram(python, 'openai_sdk.py').client('openai', {
    name: 'openai for Python',
    protocols: ['http/1.1'],
    reconnects: false,
    headerText: 'utf-8',
  })
}

function useProgram(python: string, file: string): ReturnType<typeof useAgentProcess> {
  const program = fileURLToPath(new URL(`agent/python/${file}`, import.meta.url))
  return useAgentProcess(python, [program], ENV)
}
