import { createCompression, type Encoding } from '@sse/core/compression'
import { mountCore } from '../../test/mount-core.ts'
import { defineAdapterConformance } from '../conformance.ts'

// With the load tests, as `npm test` would take too long with them.
for (const encoding of ['br', 'zstd'] satisfies Encoding[]) {
  const compression = createCompression({ encodings: [encoding] })
  defineAdapterConformance(
    `core on node:http, compressed with ${encoding}`,
    (scenario) => mountCore(scenario, compression),
    { encoding },
  )
}
