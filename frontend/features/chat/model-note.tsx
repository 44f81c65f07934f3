'use client'

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { isOffline, useSystem } from './use-system.ts'

/** Says plainly who answers here, and how to change it. */
export function ModelNote() {
  const { data } = useSystem()
  const [isOpen, setOpen] = useState(false)
  if (!isOffline(data)) {
    return <p className="text-center text-xs text-ink-faint">Answers can be wrong. Check the numbered sources.</p>
  }
  return (
    <>
      <p className="text-center text-xs text-ink-faint">
        No language model is configured: answers are quoted from your documents.{' '}
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="rounded-sm text-accent underline underline-offset-2"
        >
          Add a model
        </button>
      </p>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title="Add a language model">
        <div className="flex flex-col gap-3 text-ink-soft">
          <p>
            Without one, NitroAGI finds the best passages in your documents and quotes them word for word. It does not
            write, and it says so when nothing fits.
          </p>
          <p>
            Whoever runs this server sets one of these in its environment (or in the file <Code>.env</Code>) and starts
            it again:
          </p>
          <ul className="flex flex-col gap-1.5">
            {keys.map(([name, what]) => (
              <li key={name} className="flex flex-wrap items-baseline gap-x-2">
                <Code>{name}</Code>
                <span className="text-sm text-ink-faint">{what}</span>
              </li>
            ))}
          </ul>
        </div>
        <div className="flex justify-end">
          <Button look="primary" onClick={() => setOpen(false)}>
            Got it
          </Button>
        </div>
      </Dialog>
    </>
  )
}

const keys = [
  ['OPENAI_API_KEY', 'OpenAI'],
  ['ANTHROPIC_API_KEY', 'Anthropic'],
  ['GOOGLE_GENERATIVE_AI_API_KEY', 'Google'],
  ['OPENAI_COMPATIBLE_BASE_URL', 'Ollama, vLLM, LM Studio and others'],
] as const

const Code = ({ children }: { children: string }) => (
  <code className="rounded-sm border border-line bg-panel px-1 py-0.5 font-mono text-xs break-all text-ink">
    {children}
  </code>
)
