export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <ul aria-label="Tags" className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <li key={tag} className="max-w-48 truncate rounded-sm bg-hover px-1.5 text-xs leading-5 text-ink-soft">
          {tag}
        </li>
      ))}
    </ul>
  )
}
