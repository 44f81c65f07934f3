export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden className={`animate-[breathe_1.6s_ease-in-out_infinite] rounded-md bg-hover ${className}`} />
}
