import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

function project(name: string, root: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    root,
    test: {
      name,
      typecheck: {
        enabled: true,
        include: ['{src,test}/**/*.test-d.ts'],
        tsconfig: './tsconfig.json',
      },
    },
  }
}

export default defineConfig({
  test: {
    // Most tests wait. By default one core stays free, so that two cores would run one file at a time.
    maxWorkers: '100%',
    // Relative to the root of each project.
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      project('core', 'packages/core'),
      project('testing', 'packages/testing'),
      project('express', 'packages/express'),
      project('hono', 'packages/hono'),
      project('koa', 'packages/koa'),
      project('interop', 'packages/interop'),
      project('rag-chat', 'apps/rag-chat'),
      project('benchmarks', 'benchmarks'),
      { extends: true, test: { name: 'repo', include: ['tests/**/*.test.ts'] } },
    ],
  },
})
