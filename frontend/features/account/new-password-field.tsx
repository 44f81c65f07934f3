import { limits } from '@nitroagi/shared/limits'
import { TextField } from '../../ui/text-field.tsx'

type NewPasswordFieldProps = { label: string; name: string; error?: string | undefined }

export const NewPasswordField = ({ label, name, error }: NewPasswordFieldProps) => (
  <TextField
    label={label}
    name={name}
    type="password"
    autoComplete="new-password"
    required
    hint={`At least ${limits.passwordMinCharacters} characters. A few unrelated words work well.`}
    error={error}
  />
)
