import { PageHeader } from '../../../../ui/app-shell.tsx'
import { Skeleton } from '../../../../ui/skeleton.tsx'

export default function Loading() {
  return (
    <>
      <PageHeader title={<Skeleton className="h-4 w-40" />} />
      <main
        aria-busy
        aria-label="Loading the conversation"
        className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-8"
      >
        <Skeleton className="h-10 w-2/5 self-end rounded-xl" />
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-11/12" />
        <Skeleton className="h-4 w-3/4" />
      </main>
    </>
  )
}
