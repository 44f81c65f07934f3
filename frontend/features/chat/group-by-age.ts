const dayMs = 24 * 60 * 60 * 1000

/** Newest group first; a group without items is left out. Days are the reader's own. */
export function groupByAge<Item extends { updatedAt: string }>(items: readonly Item[], now: Date) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  const groups = [
    { label: 'Today', since: midnight },
    { label: 'Yesterday', since: midnight - dayMs },
    { label: 'Last seven days', since: midnight - 7 * dayMs },
    { label: 'Older', since: -Infinity },
  ].map((group) => ({ ...group, items: [] as Item[] }))
  for (const item of items) {
    groups.find((group) => Date.parse(item.updatedAt) >= group.since)?.items.push(item)
  }
  return groups.filter((group) => group.items.length > 0)
}
