import { defineConfig } from 'tsup'

// One build for all doors: they share chunks, so `SseError` is one class whichever door it comes from.
export default defineConfig({
  entry: [
    'src/index.ts',
    'src/compression.ts',
    'src/node.ts',
    'src/bridge.ts',
    'src/bridge-node.ts',
  ],
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  removeNodeProtocol: false,
  dts: true,
  clean: true,
  sourcemap: true,
  tsconfig: 'tsconfig.build.json',
})
