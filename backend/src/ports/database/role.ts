import type { Prisma, PrismaClient } from './generated/client.ts'

/** Whose rows a transaction sees; without a workspace, the rows of all, as the system. */
export interface Role {
  role: 'nitro_app' | 'nitro_system'
  workspaceId?: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * The statements at the beginning of a transaction. LOCAL, so that a pooler's connection is nobody's again at its end.
 * Throws for what is not a UUID, because SET takes no parameters.
 */
export function takeRole({ role, workspaceId }: Role): string {
  if (workspaceId === undefined) return `SET LOCAL ROLE ${role}`
  if (!uuid.test(workspaceId)) throw new Error('A workspace is named by a UUID')
  return `SET LOCAL ROLE ${role}; SET LOCAL app.workspace = '${workspaceId}'`
}

/** One operation of Prisma in a transaction with this role. */
export async function withPrisma<Result>(
  prisma: PrismaClient,
  { role, workspaceId = '' }: Role,
  operation: (prisma: PrismaClient) => Prisma.PrismaPromise<Result>,
): Promise<Result> {
  const [, result] = await prisma.$transaction([
    prisma.$queryRaw`SELECT set_config('role', ${role}, true), set_config('app.workspace', ${workspaceId}, true)`,
    operation(prisma),
  ])
  return result
}
