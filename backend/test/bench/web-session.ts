import type { Person } from './backend.ts'
import { send, type Reply, type Target } from './client.ts'

/** Signs in as the browser does, and gives the web app with the session's cookie. */
export async function signIn(webUrl: string, { email, password }: Person): Promise<Target> {
  const web: Target = { url: webUrl, headers: {} }
  const csrf = await send(web, { method: 'GET', path: '/api/auth/csrf' })
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string }
  const body = new URLSearchParams({ csrfToken, email, password, json: 'true', callbackUrl: webUrl }).toString()
  const signedIn = await send(web, {
    method: 'POST',
    path: '/api/auth/callback/credentials',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookiesOf(csrf) },
  })
  const cookie = cookiesOf(signedIn)
  if (!cookie.includes('session-token=')) throw new Error(`Nobody was signed in: ${signedIn.status} ${signedIn.text}`)
  return { url: webUrl, headers: { cookie, 'sec-fetch-site': 'same-origin' } }
}

const cookiesOf = ({ headers }: Reply): string =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
