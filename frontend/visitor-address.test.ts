import { expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { visitorAddress } from './visitor-address.ts'

const headersOf = (given: Record<string, string>) =>
  new Headers({
    'x-real-ip': '198.51.100.66',
    'true-client-ip': '198.51.100.66',
    'cf-connecting-ip': '198.51.100.66',
    forwarded: 'for=198.51.100.66',
    ...given,
  })
const alone = { trustedProxies: 0, isVercel: false }

it('believes no header about where a browser is while no proxy is said to stand in front', () => {
  expect(readConfig({}).visitors).toEqual(alone)
  const headers = headersOf({ 'x-forwarded-for': '198.51.100.66', 'x-vercel-forwarded-for': '198.51.100.66' })
  expect(visitorAddress(headers, '192.0.2.7', alone)).toBe('192.0.2.7')
  expect(visitorAddress(headers, null, alone)).toBeUndefined()
})

it('believes the proxies that are said to stand in front, and nobody who spoke before them', () => {
  const behind = (trustedProxies: number, list: string) =>
    visitorAddress(headersOf({ 'x-forwarded-for': list }), '10.0.0.1', { trustedProxies, isVercel: false })
  expect(readConfig({ NITRO_WEB_TRUSTED_PROXIES: '2' }).visitors.trustedProxies).toBe(2)
  expect(behind(1, '192.0.2.7')).toBe('192.0.2.7')
  expect(behind(1, '198.51.100.66, 127.0.0.1, 192.0.2.7')).toBe('192.0.2.7')
  expect(behind(2, '198.51.100.66, 192.0.2.7, 10.0.0.2')).toBe('192.0.2.7')
  expect(behind(2, '198.51.100.66, 2001:db8::7, 10.0.0.2')).toBe('2001:db8::7')
  // Fewer than there should be, or no address at all: nobody can tell.
  expect(behind(2, '192.0.2.7')).toBeUndefined()
  for (const list of ['', ' ', 'unknown', '192.0.2.7,', '192.0.2.7:4711', 'a'.repeat(4000)]) {
    expect(behind(1, list), list.slice(0, 20)).toBeUndefined()
  }
})

it('believes Vercel where Vercel runs it, and nowhere else', () => {
  const headers = headersOf({ 'x-forwarded-for': '198.51.100.66', 'x-vercel-forwarded-for': '192.0.2.7' })
  expect(visitorAddress(headers, '10.0.0.1', readConfig({ VERCEL: '1' }).visitors)).toBe('192.0.2.7')
  expect(visitorAddress(headersOf({}), '10.0.0.1', readConfig({ VERCEL: '1' }).visitors)).toBeUndefined()
  expect(visitorAddress(headers, '10.0.0.1', readConfig({ VERCEL: '' }).visitors)).toBe('10.0.0.1')
})

it('speaks to a backend on another machine in the clear only where somebody said that nobody listens there', () => {
  const production = (url: string, hosts?: string) =>
    readConfig({ NODE_ENV: 'production', BACKEND_URL: url, NITRO_PLAIN_HTTP_HOSTS: hosts }).backendUrl
  for (const url of [
    'https://backend.example.org',
    'http://127.0.0.1:8000',
    'http://127.8.7.6:8000',
    'http://localhost:8000',
    'http://[::1]:8000',
    'http://nitro-backend.railway.internal:8000',
  ]) {
    expect(production(url)).toBe(url)
  }
  for (const url of [
    'http://backend.example.org',
    'http://192.0.2.7:8000',
    'http://backend:8000',
    'http://internal',
    'http://railway.internal.example.org',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org',
    'http://[2001:db8::7]:8000',
    'ftp://127.0.0.1',
  ]) {
    expect(() => production(url), url).toThrow(/BACKEND_URL.*https/s)
  }
  expect(() => production('http://backend:8000')).toThrow('NITRO_PLAIN_HTTP_HOSTS=backend')
  expect(production('http://backend:8000', 'other, backend')).toBe('http://backend:8000')
  expect(readConfig({ NODE_ENV: 'development', BACKEND_URL: 'http://backend:8000' }).backendUrl).toContain('backend')
})
