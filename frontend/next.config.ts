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
  // Pages get theirs, with a nonce, from proxy.ts, which does not look at these.
  headers: async () =>
    ['/api/:path*', '/_next/static/:path*'].map((source) => ({
      source,
      headers: [
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'no-referrer' },
        // Browsers heed it over https alone.
        { key: 'strict-transport-security', value: 'max-age=31536000' },
      ],
    })),
}

export default config
