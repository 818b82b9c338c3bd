import { createCompression } from '@sse/core/compression'
import { mountCore } from '../../test/mount-core.ts'
import { defineAdapterConformance } from '../conformance.ts'

// A file of its own: it takes longer than all other tests of this package together. Brotli and zstd, which nobody gets
// who accepts gzip, are in core-compressed.load.ts.
const gzip = createCompression({ encodings: ['gzip'] })
const isolating = createCompression({ isolateEvents: true })

defineAdapterConformance(
  'core on node:http, compressed with gzip',
  (scenario) => mountCore(scenario, gzip),
  { encoding: 'gzip' },
)
defineAdapterConformance(
  'core on node:http2, compressed with gzip',
  (scenario) => mountCore(scenario, gzip),
  { encoding: 'gzip', http2: true },
)
defineAdapterConformance(
  'core on node:http, compressed with gzip, each event by itself',
  (scenario) => mountCore(scenario, isolating),
  { encoding: 'gzip' },
)
