import { createHash } from 'node:crypto'
import { leaseSeconds, windowParts, type Meter, type Reading, type Taken, type WorkingMemory } from './port.ts'
import type { Command } from './remote.ts'

/**
 * The counting of `meters.ts` where many processes share it: a script is carried out with nobody in between, and is one
 * command. What was spent is a hash of parts, what is under way a sorted set by when it is given up.
 */
const takeScript = scriptOf(`
local now, lease, leaseMs, parts = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local refused, by, meters, answer = 0, 0, {}, {0, 0}
for i = 1, #KEYS / 2 do
  local meter = { spentKey = KEYS[2 * i - 1], leasesKey = KEYS[2 * i] }
  local atMost, partMs, atOnce = tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])
  meter.part, meter.partMs, meter.atOnce = math.floor(now / partMs), partMs, atOnce
  meter.spent, meter.oldest, meter.underWay = 0, meter.part, 0
  local held = redis.call('HGETALL', meter.spentKey)
  for field = 1, #held, 2 do
    local part = tonumber(held[field])
    if part < meter.part - parts then
      redis.call('HDEL', meter.spentKey, held[field])
    else
      meter.spent = meter.spent + tonumber(held[field + 1])
      if part < meter.oldest then meter.oldest = part end
    end
  end
  if atOnce >= 0 then
    redis.call('ZREMRANGEBYSCORE', meter.leasesKey, '-inf', now)
    meter.underWay = redis.call('ZCARD', meter.leasesKey)
  end
  if refused == 0 then
    if meter.spent >= atMost then refused, by = i, 1
    elseif atOnce >= 0 and meter.underWay >= atOnce then refused, by = i, 2 end
  end
  meters[i] = meter
end
for i, meter in ipairs(meters) do
  if refused == 0 then
    redis.call('HINCRBY', meter.spentKey, string.format('%.0f', meter.part), 1)
    redis.call('PEXPIRE', meter.spentKey, math.ceil((parts + 1) * meter.partMs))
    meter.spent = meter.spent + 1
    if meter.atOnce >= 0 then
      redis.call('ZADD', meter.leasesKey, now + leaseMs, lease)
      redis.call('PEXPIRE', meter.leasesKey, leaseMs)
      meter.underWay = meter.underWay + 1
    end
  end
  local freeAt = meter.spent == 0 and now or math.ceil((meter.oldest + parts + 1) * meter.partMs)
  answer[3 * i], answer[3 * i + 1], answer[3 * i + 2] = meter.spent, meter.underWay, freeAt
end
answer[1], answer[2] = refused, by
return answer`)

/** Without a time, the lease is given up. */
const leaseScript = scriptOf(`
for _, key in ipairs(KEYS) do
  if ARGV[2] == '' then
    redis.call('ZREM', key, ARGV[1])
  else
    redis.call('ZADD', key, ARGV[2], ARGV[1])
    redis.call('PEXPIRE', key, ARGV[3])
  end
end
return 1`)

const leaseMs = leaseSeconds * 1000

export function createRemoteMeters(
  run: (command: Command) => Promise<unknown>,
  { now = Date.now }: { now?: () => number } = {},
): Pick<WorkingMemory, 'take' | 'hold' | 'release'> {
  const runScript = createScripts(run)
  const keepLease = (workspaceId: string, names: readonly string[], lease: string, endsAt: string) =>
    runScript(
      leaseScript,
      names.map((name) => leasesKey(workspaceId, name)),
      [lease, endsAt, `${leaseMs}`],
    )

  return {
    async take(workspaceId, meters, lease) {
      const keys = meters.flatMap(({ name }) => [`${workspaceId}:spent:${name}`, leasesKey(workspaceId, name)])
      const limits = meters.flatMap((meter) => [
        `${meter.atMost}`,
        `${(meter.windowSeconds * 1000) / windowParts}`,
        `${meter.atOnce ?? -1}`,
      ])
      const reply = await runScript(takeScript, keys, [`${now()}`, lease, `${leaseMs}`, `${windowParts}`, ...limits])
      return read(reply, meters)
    },
    hold: async (workspaceId, names, lease) => void (await keepLease(workspaceId, names, lease, `${now() + leaseMs}`)),
    release: async (workspaceId, names, lease) => void (await keepLease(workspaceId, names, lease, '')),
  }
}

const leasesKey = (workspaceId: string, name: string) => `${workspaceId}:under-way:${name}`

function read(reply: unknown, meters: readonly Meter[]): Taken {
  const numbers = Array.isArray(reply) ? reply.map(Number) : undefined
  // Whatever this is, it is no permission.
  if (numbers?.length !== 2 + 3 * meters.length || !numbers.every(Number.isFinite)) {
    throw new Error('Redis answered something else than the script does')
  }
  const [refused = 0, by = 0, ...rest] = numbers
  const readings = meters.map((_, index): Reading => {
    const [spent = 0, underWay = 0, nextFreeAtMs = 0] = rest.slice(3 * index)
    return { spent, underWay, nextFreeAtMs }
  })
  return { refused: refused === 0 ? undefined : { meter: refused - 1, by: by === 1 ? 'window' : 'at-once' }, readings }
}

/** Named by its hash, which a Redis that was restarted does not know; then it is told the script once more. */
function createScripts(run: (command: Command) => Promise<unknown>) {
  return async ({ text, hash }: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> => {
    const rest = [`${keys.length}`, ...keys, ...values]
    try {
      return await run(['EVALSHA', hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
      return run(['EVAL', text, ...rest])
    }
  }
}

interface Script {
  text: string
  hash: string
}

function scriptOf(text: string): Script {
  return { text, hash: createHash('sha1').update(text).digest('hex') }
}
