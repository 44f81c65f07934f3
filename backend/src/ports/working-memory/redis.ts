import { createClient } from '@redis/client'
import type { WorkingMemory } from './port.ts'
import { createRemoteWorkingMemory } from './remote.ts'

/** Redis over TCP. Connects in the background, so that a Redis that is away holds up neither the start nor a request. */
export function createRedisWorkingMemory({
  url,
  onTrouble,
}: {
  url: string
  onTrouble(error: Error): void
}): WorkingMemory {
  const options = {
    url,
    // Version 3 answers HGETALL with a map, and not every Redis at a provider speaks it.
    RESP: 2 as const,
    socket: { connectTimeout: 2_000, reconnectStrategy: (attempt: number) => Math.min(100 * 2 ** attempt, 5_000) },
  }
  const connect = () => {
    const client = createClient(options)
    // Without a listener, an error of the connection would end the process. Each outage is told once.
    let isTold = false
    client.on('error', (error: Error) => {
      if (!isTold) onTrouble(error)
      isTold = true
    })
    client.on('ready', () => (isTold = false))
    // It goes on trying by itself; what it rejects with has been told.
    client.connect().catch(() => {})
    return client
  }
  const main = connect()
  let listening: ReturnType<typeof connect> | undefined

  /** Its own queue would keep commands for a Redis that is away, and carry them out long after anybody waits for them. */
  const ready = () => {
    if (!main.isReady) throw new Error('There is no connection to Redis')
    return main
  }

  return createRemoteWorkingMemory({
    run: async (command) => ready().sendCommand(command),
    async transaction(commands) {
      const multi = ready().multi()
      for (const command of commands) multi.addCommand([...command])
      return multi.exec()
    },
    async subscribe(channel, hear) {
      // A connection that listens can do nothing else.
      listening ??= connect()
      const client = listening
      const listener = (message: string) => hear(message)
      await client.subscribe(channel, listener)
      return () => client.unsubscribe(channel, listener)
    },
    async close() {
      main.destroy()
      listening?.destroy()
    },
  })
}
