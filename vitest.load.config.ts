import { defineConfig } from 'vitest/config'

// Minutes long and measuring: one file at a time, nothing beside them.
export default defineConfig({
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.load.ts', 'benchmarks/**/*.load.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    passWithNoTests: true,
  },
})
