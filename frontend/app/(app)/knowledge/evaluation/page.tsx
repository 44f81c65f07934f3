import type { Metadata } from 'next'
import { Evaluation } from '../../../../features/evaluation/evaluation.tsx'

export const metadata: Metadata = { title: 'Evaluation' }

export default function EvaluationPage() {
  return <Evaluation />
}
