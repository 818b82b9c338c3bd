import { createCompression, type Encoding } from '@sse/core/compression'
import { mountCore } from '../../test/mount-core.ts'
import { defineAdapterConformance } from '../conformance.ts'

// A file of its own: it takes as long as all other tests of this package together.
defineCompressed('core on node:http', 'gzip')
defineCompressed('core on node:http2', 'gzip', true)
defineCompressed('core on node:http', 'br')
defineCompressed('core on node:http', 'zstd')

const isolating = createCompression({ isolateEvents: true })

defineAdapterConformance(
  'core on node:http, compressed with gzip, each event by itself',
  (scenario) => mountCore(scenario, isolating),
  { encoding: 'gzip' },
)

function defineCompressed(what: string, encoding: Encoding, http2 = false): void {
  const compression = createCompression({ encodings: [encoding] })
  defineAdapterConformance(
    `${what}, compressed with ${encoding}`,
    (scenario) => mountCore(scenario, compression),
    { encoding, http2 },
  )
}
