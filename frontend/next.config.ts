import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NextConfig } from 'next'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

const config: NextConfig = {
  transpilePackages: ['@nitroagi/shared'],
  // The workspace's packages are hoisted to the repository's root.
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
}

export default config
