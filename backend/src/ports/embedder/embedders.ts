import type { Embedder, Embedders } from './port.ts'

/** The first is the default. Throws when two claim one vector space. */
export function createEmbedders(embedders: readonly [Embedder, ...Embedder[]]): Embedders {
  const byId = new Map(embedders.map((embedder) => [embedder.id, embedder]))
  if (byId.size !== embedders.length) throw new Error('Two embedders have one id')
  return {
    default: embedders[0],
    list: () => embedders,
    find: (id) => byId.get(id),
    async close() {
      await Promise.all(embedders.map((embedder) => embedder.close()))
    },
  }
}
