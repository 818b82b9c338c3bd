export {
  type CompressionOptions,
  createCompression,
  type Encoding,
} from './compression/create-compression.ts'
export type { Compression } from './sinks/compression.ts'
