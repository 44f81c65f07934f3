/** What kind of file it is, in a few letters. */
export const KindTile = ({ text }: { text: string }) => (
  <span
    aria-hidden
    className="flex h-9 w-11 shrink-0 items-center justify-center rounded-md border border-line bg-panel text-[11px] font-semibold text-ink-soft"
  >
    {text}
  </span>
)
