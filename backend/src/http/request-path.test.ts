import { expect, it } from 'vitest'
import { requestPath } from './request-path.ts'

it.each([
  ['http://x/', '/'],
  ['http://x:8000/api/v1/me', '/api/v1/me'],
  ['http://x/api/v1/me?a=/b#c', '/api/v1/me'],
  ['http://x/api/v1/me#?', '/api/v1/me'],
  ['https://x//api/%6de', '//api/%6de'],
])('of %s is %s', (url, path) => {
  expect(requestPath(url)).toBe(path)
})
