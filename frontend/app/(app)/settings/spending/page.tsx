import type { Metadata } from 'next'
import { MySpending } from '../../../../features/account/my-spending.tsx'

export const metadata: Metadata = { title: 'Spending' }

export default function SpendingPage() {
  return <MySpending />
}
