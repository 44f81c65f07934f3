'use client'

import { ArrowRight, Bot, GitBranch, ListOrdered, Scale, SlidersHorizontal, Sparkles, Split } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { Strategy } from '@nitroagi/shared/runs'
import { classNames } from '../../ui/class-names.ts'
import { Menu, MenuChoice, MenuSeparator } from '../../ui/menu.tsx'
import { readAnswerOptions, saveAnswerOptions, type AnswerOptions } from './answer-options.ts'
import { useSystem } from './use-system.ts'

const strategies: readonly { value: Strategy; label: string; icon: ReactNode }[] = [
  { value: 'auto', label: 'Choose for me', icon: <Sparkles aria-hidden /> },
  { value: 'sequential', label: 'Step by step', icon: <ListOrdered aria-hidden /> },
  { value: 'parallel', label: 'Side by side', icon: <Split aria-hidden /> },
  { value: 'pipeline', label: 'Draft, check, write', icon: <ArrowRight aria-hidden /> },
  { value: 'conditional', label: 'Only what documents support', icon: <GitBranch aria-hidden /> },
  { value: 'consensus', label: 'Compare several answers', icon: <Scale aria-hidden /> },
]

const auto = 'nitro-auto'

/** How the next message is answered, and by whom. Quiet as long as nothing is chosen. */
export function AnswerOptionsMenu({ conversation }: { conversation: string }) {
  const [options, setOptions] = useState<AnswerOptions>({})
  const { data: system } = useSystem()

  // Read after the first render, because the server knows no choice.
  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setOptions(readAnswerOptions(conversation))
  }, [conversation])

  function choose(change: AnswerOptions) {
    // What another menu has chosen in the meantime stays.
    const { strategy, model, ...others } = { ...readAnswerOptions(conversation), ...change }
    const next = {
      ...others,
      ...(strategy && strategy !== 'auto' ? { strategy } : {}),
      ...(model && model !== auto ? { model } : {}),
    }
    setOptions(next)
    saveAnswerOptions(conversation, next)
  }

  const models = system?.models ?? []
  const strategy = strategies.find(({ value }) => value === (options.strategy ?? 'auto'))!
  const chosen = [...(options.strategy ? [strategy.label] : []), ...(options.model ? [options.model] : [])]
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          aria-label={`How to answer: ${chosen.length > 0 ? chosen.join(', ') : strategy.label}`}
          title="How to answer"
          className={classNames(
            'flex h-8 max-w-48 shrink-0 items-center gap-1.5 rounded-lg px-2 text-sm hover:bg-hover',
            chosen.length > 0 ? 'text-accent' : 'text-ink-faint',
          )}
        >
          <SlidersHorizontal aria-hidden className="size-4 shrink-0" />
          {chosen.length > 0 && <span className="truncate max-sm:hidden">{chosen.join(', ')}</span>}
        </button>
      }
    >
      <MenuChoice
        label="How to answer"
        value={strategy.value}
        options={strategies}
        onChange={(value) => choose({ strategy: value })}
      />
      {models.length > 2 && (
        <>
          <MenuSeparator />
          <MenuChoice
            label="Model"
            value={options.model ?? auto}
            options={models.map(({ id }) => ({
              value: id,
              label: id === auto ? 'The usual model' : id,
              icon: <Bot aria-hidden />,
            }))}
            onChange={(model) => choose({ model })}
          />
        </>
      )}
    </Menu>
  )
}
