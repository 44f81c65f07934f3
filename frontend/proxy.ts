import { NextResponse, type NextRequest } from 'next/server'
import { getConfig, isDevelopment } from './config.ts'

/** Every page gets a policy of its own: only scripts that carry its nonce run. Sessions are checked by the pages. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID().replaceAll('-', '')
  const policy = contentSecurityPolicy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  // For the way back after signing in; whatever a visitor wrote there is overwritten.
  headers.set('x-page-path', request.nextUrl.pathname)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('x-frame-options', 'DENY')
  response.headers.set('referrer-policy', 'strict-origin-when-cross-origin')
  response.headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(self), payment=()')
  response.headers.set('cross-origin-opener-policy', 'same-origin')
  if (getConfig().siteUrl?.startsWith('https://')) {
    response.headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
  }
  return response
}

function contentSecurityPolicy(nonce: string): string {
  const backend = getConfig().browserBackendOrigin
  return [
    `default-src 'self'`,
    // React's development build explains errors with eval; the product never does.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    isDevelopment ? `style-src 'self' 'unsafe-inline'` : `style-src 'self' 'nonce-${nonce}'`,
    // Menus and dialogs are placed by style attributes, which cannot carry a nonce.
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' blob: data:`,
    // What a voice has read and what somebody has recorded is played from memory.
    `media-src 'self' blob:`,
    `font-src 'self'`,
    `connect-src 'self' ${backend} ${backend.replace(/^http/, 'ws')}${isDevelopment ? ' ws:' : ''}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

export const config = { matcher: ['/((?!api/|_next/static|_next/image|icon.svg).*)'] }
