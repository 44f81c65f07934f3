// Loaded into a web app under test before anything else (NODE_OPTIONS=--import): what it would ask of GitHub and Google
// goes to a server on this machine that says of which host it was asked. Their addresses are written in next-auth.
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const here = new URL(process.env.NITRO_E2E_FAR_SERVICES)
const hosts = /^(api\.)?github\.com$|(^|\.)(google|googleapis)\.com$/

const { request } = https
https.request = (given, options, ...rest) => {
  const url = new URL(typeof given === 'string' || given instanceof URL ? given : `https://${given.host}${given.path}`)
  if (!hosts.test(url.hostname)) return request(given, options, ...rest)
  const headers = { ...options.headers, 'x-asked-host': url.hostname }
  return http.request(new URL(url.pathname + url.search, here), { method: options.method, headers }, ...rest)
}
syncBuiltinESMExports()

const { fetch } = globalThis
globalThis.fetch = (given, init) => {
  const url = new URL(given instanceof Request ? given.url : given)
  if (!hosts.test(url.hostname)) return fetch(given, init)
  const headers = new Headers(init?.headers)
  headers.set('x-asked-host', url.hostname)
  return fetch(new URL(url.pathname + url.search, here), { ...init, headers })
}
