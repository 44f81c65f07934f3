export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden className={`animate-[breathe_1.6s_ease-in-out_infinite] rounded-md bg-hover ${className}`} />
}

/** In the place of a list that is on its way. */
export const Loading = () => (
  <div aria-busy aria-label="Loading" role="status" className="flex flex-col gap-4 py-2">
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-9 w-2/3" />
  </div>
)
