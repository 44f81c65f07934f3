import type { Hono } from 'hono'
import type { Env } from '../src/http/routes.ts'

/** All that may answer somebody without a credential; a platform's probes have none. */
export const openToStrangers = ['GET /health/live 200', 'GET /health/ready 200']

/** Asks every route that the app itself knows of, and gives those that said anything but 401. */
// Which routes the app has is what is asked here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function answersToStrangers(app: Hono<Env, any, any>): Promise<string[]> {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  if (routes.length < 15) throw new Error('The app has lost its routes')
  const answers: string[] = []
  for (const { method, path } of routes) {
    const concrete = path.replaceAll(/:\w+(\{.*?\})?/g, '0190b6a4-0000-7000-8000-000000000000')
    const { status } = await app.request(concrete, { method })
    if (status !== 401) answers.push(`${method} ${path} ${status}`)
  }
  return [...new Set(answers)]
}
