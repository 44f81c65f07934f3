import type { Document } from '@nitroagi/shared/knowledge'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'

type DeleteDocumentDialogProps = { document: Document; open: boolean; onClose: () => void; onConfirm: () => void }

export const DeleteDocumentDialog = ({ document, ...asked }: DeleteDocumentDialogProps) => (
  <ConfirmDialog
    {...asked}
    title="Delete this document?"
    description={`“${document.name}” and everything indexed from it will be gone for good. Answers that quoted it keep their words.`}
    confirm="Delete"
  />
)
