import { SelectField } from '../../ui/field.tsx'
import { schedules, scheduleWords } from './source-words.ts'

type ScheduleFieldProps = { hours: number | null; onChange: (hours: number | null) => void }

export function ScheduleField({ hours, onChange }: ScheduleFieldProps) {
  const isOffered = schedules.some((schedule) => schedule.hours === hours)
  return (
    <SelectField
      label="Fetch again"
      value={hours ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
      hint="What has not changed is left as it is."
    >
      {!isOffered && <option value={hours ?? ''}>{scheduleWords(hours)}</option>}
      {schedules.map((schedule) => (
        <option key={schedule.label} value={schedule.hours ?? ''}>
          {schedule.label}
        </option>
      ))}
    </SelectField>
  )
}
