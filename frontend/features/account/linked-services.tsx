'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { LinkedIdentity, type ProviderName } from '@nitroagi/shared/second-factor'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { dayWords } from '../../ui/amounts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { OtherServiceButtons, type ServiceChoice } from './other-service-buttons.tsx'
import { signInWords } from './sign-in-words.ts'
import { useProof } from './use-proof.tsx'

const identitiesKey = ['identities']
const IdentityList = z.object({ items: z.array(LinkedIdentity) })
const names: Record<ProviderName, string> = { google: 'Google', github: 'GitHub', oidc: 'Your organisation' }

type LinkedServicesProps = {
  /** Those that can be connected here. */
  services: readonly ServiceChoice[]
  /** Why connecting one did not work. */
  failure?: string | undefined
}

/** Other services that one signs in with. */
export function LinkedServices({ services, failure }: LinkedServicesProps) {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: identitiesKey,
    queryFn: ({ signal }) => request('/me/identities', IdentityList, { signal }),
  })
  const { whenProven, refusal, dialog } = useProof()
  const remove = useMutation({
    mutationFn: (provider: ProviderName) => request(`/me/identities/${provider}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: identitiesKey }),
  })
  return (
    <Section title="Connected services" description="Accounts elsewhere that you can sign in with here.">
      {(error ?? remove.error) && <Notice level="error">{error ? wordsOf(error) : refusalOf(remove.error)}</Notice>}
      {refusal && <Notice level="error">{refusal}</Notice>}
      {failure && <Notice level="error">{signInWords(failure)}</Notice>}
      {dialog}
      {!data && !error && <Loading />}
      {data?.items.length === 0 && <p className="text-ink-faint">None. You sign in with your password.</p>}
      {data && data.items.length > 0 && (
        <ul aria-label="Connected services" className="flex flex-col border-t border-line">
          {data.items.map(({ provider, email, linkedAt }) => (
            <li key={provider} className="flex items-center gap-3 border-b border-line py-2">
              <div className="min-w-0 flex-1">
                <p className="font-medium">{names[provider]}</p>
                <p className="truncate text-sm text-ink-faint">
                  {email && `${email} · `}since {dayWords(linkedAt)}
                </p>
              </div>
              <Button
                aria-label={`Disconnect ${names[provider]}`}
                disabled={remove.isPending}
                onClick={() => void whenProven(() => remove.mutate(provider))}
              >
                Disconnect
              </Button>
            </li>
          ))}
        </ul>
      )}
      {data && (
        <Connectable
          services={services.filter(({ id }) => !data.items.some((item) => item.provider === id))}
          before={whenProven}
        />
      )}
    </Section>
  )
}

type ConnectableProps = { services: readonly ServiceChoice[]; before: (leave: () => void) => Promise<void> }

const Connectable = ({ services, before }: ConnectableProps) =>
  services.length > 0 && (
    <div className="flex flex-wrap gap-2">
      <OtherServiceButtons services={services} next="/settings/sign-in" isConnecting before={before} />
    </div>
  )
