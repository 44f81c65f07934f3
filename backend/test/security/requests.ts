import { entries, type Entry } from './entries.ts'
import type { Planted } from './plant.ts'
import type { As, Asked, Person, Told, World } from './world.ts'

/** A route as the app prints it, with what the matrix knows of it. */
export interface Route {
  name: string
  method: string
  pattern: string
  entry: Entry
}

export const routeNamed = (name: string): Route => {
  const [method = '', pattern = ''] = name.split(' ')
  const entry = entries[name]
  if (!entry) {
    throw new Error(
      `${name} is not in the matrix. Add it to backend/test/security/entries.ts, with the fields that take ids.`,
    )
  }
  return { name, method, pattern, entry }
}

export interface Request extends Asked {
  path: string
}

/** The request of somebody's own, with some fields said differently; a field that is undefined there is left out. */
export function requestTo(route: Route, own: Planted, changed: Readonly<Record<string, unknown>> = {}): Request {
  const { entry, method, pattern } = route
  const path: Record<string, unknown> = { ...entry.path }
  const query: Record<string, unknown> = { ...entry.query }
  const given = typeof entry.body === 'function' ? entry.body(own) : entry.body
  const body: unknown = given instanceof Uint8Array ? given : given && structuredClone(given)
  for (const [field, kind] of Object.entries(entry.ids ?? {})) {
    const value = field in changed ? changed[field] : own[kind]
    if (value === undefined) continue
    const [place, ...steps] = field.split('.')
    if (place === 'path') path[steps[0]!] = value
    else if (place === 'query') query[steps[0]!] = value
    else put(body as Record<string, unknown>, steps, value)
  }
  const address = pattern.replaceAll(/:(\w+)(\{.*?\})?/g, (_, name: string) => String(path[name] ?? `:${name}`))
  const search = Object.entries(query)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}=${encodeURIComponent(String(one))}`))
    .join('&')
  return { path: search === '' ? address : `${address}?${search}`, method, ...(body === undefined ? {} : { body }) }
}

/** `options.collectionIds[]`: the steps down to where a value goes; brackets make a list of it. */
function put(into: Record<string, unknown>, [step, ...rest]: string[], value: unknown): void {
  if (rest.length > 0) return put((into[step!] ??= {}) as Record<string, unknown>, rest, value)
  if (step!.endsWith('[]')) into[step!.slice(0, -2)] = [value].flat()
  else into[step!] = value
}

/** Asks as the entry says that it is asked; `by` counts where both a session and a key would do. */
export function ask(world: World, who: Person, by: As, { entry }: Route, { path, ...asked }: Request): Promise<Told> {
  switch (entry.door) {
    case 'nobody':
      return world.asNobody(path, asked)
    case 'web':
      return world.asWeb(path, asked)
    case 'operator':
      return world.asOperator(path, asked)
    default:
      return world.as(who, entry.door ?? by, path, asked)
  }
}
