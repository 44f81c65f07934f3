import { useId } from 'react'

type RadioChoiceProps<Value extends string> = {
  legend: string
  /** For those who do not see what stands above it. */
  isLegendHidden?: boolean
  choices: readonly { value: Value; label: string; hint: string }[]
  chosen: Value | undefined
  disabled?: boolean
  onChoose: (value: Value) => void
}

/** One of a few, each with a line that says what it means. */
export function RadioChoice<Value extends string>(props: RadioChoiceProps<Value>) {
  const { legend, isLegendHidden = false, choices, chosen, disabled, onChoose } = props
  const name = useId()
  return (
    <fieldset disabled={disabled} className="flex flex-col gap-2">
      <legend className={isLegendHidden ? 'sr-only' : 'mb-1.5 text-sm font-medium'}>{legend}</legend>
      {choices.map(({ value, label, hint }) => (
        <label key={value} className="flex cursor-pointer items-start gap-2.5">
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen === value}
            onChange={() => onChoose(value)}
            className="mt-0.5 size-4 shrink-0 accent-(--accent)"
          />
          <span className="flex flex-col">
            {label}
            <span className="text-sm text-ink-faint">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
