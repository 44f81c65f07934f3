import type { Metadata } from 'next'
import { Modules } from '../../../features/modules/modules.tsx'

export const metadata: Metadata = { title: 'Modules' }

export default function ModulesPage() {
  return <Modules />
}
