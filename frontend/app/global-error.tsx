'use client'

import './globals.css'

export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="flex items-center justify-center p-8">
        <main className="flex max-w-md flex-col items-start gap-4">
          <h1 className="text-xl font-semibold">NitroAGI could not start this page</h1>
          <p className="text-ink-soft">Try again in a moment. Nothing of yours is lost.</p>
          <button type="button" onClick={reset} className="h-9 rounded-md bg-accent px-3 font-medium text-on-accent">
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
