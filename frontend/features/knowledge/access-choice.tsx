import type { CollectionAccess } from '@nitroagi/shared/collections'
import { RadioChoice } from '../../ui/radio-choice.tsx'

const choices = [
  { value: 'workspace', label: 'Everybody of this workspace', hint: 'Can read and ask it; members can do more.' },
  { value: 'members', label: 'Only members', hint: 'Nobody else sees that it exists.' },
] as const

type AccessChoiceProps = { access: CollectionAccess; onChange: (access: CollectionAccess) => void }

export const AccessChoice = ({ access, onChange }: AccessChoiceProps) => (
  <RadioChoice legend="Who can read it" choices={choices} chosen={access} onChoose={onChange} />
)
