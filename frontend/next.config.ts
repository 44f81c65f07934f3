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
  // Nothing of ours goes through the picture service of Next, which would fetch what an address names.
  images: { unoptimized: true },
  // For all that is no page. Pages get theirs, with a nonce, from proxy.ts, whose word counts more.
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'content-security-policy', value: "default-src 'none'; frame-ancestors 'none'; sandbox" },
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'x-frame-options', value: 'DENY' },
        { key: 'referrer-policy', value: 'no-referrer' },
        // Browsers heed it over https alone.
        { key: 'strict-transport-security', value: 'max-age=31536000' },
      ],
    },
    {
      source: '/api/:path*',
      // next-auth says it of some answers only, and not of the page that holds somebody's form token.
      headers: [{ key: 'cache-control', value: 'private, no-store, no-transform' }],
    },
    {
      // next-auth has a page of its own that signs out, with a form.
      source: '/api/auth/:path*',
      headers: [
        {
          key: 'content-security-policy',
          value: "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        },
      ],
    },
  ],
}

export default config
