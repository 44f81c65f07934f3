export interface SealedSecret {
  /** As identity/encryption.ts was told when it sealed it. */
  place: { workspaceId: string | null; table: string; row: string; column: string }
  sealed: string
}

/** Every column that holds what identity/encryption.ts sealed. */
export interface SealedSecretsRepository {
  readonly tables: readonly string[]
  /** How many each key has sealed, in all tables. */
  countByKey(): Promise<{ keyId: string; count: number }[]>
  /** Those that another key than this one has sealed, by their row; the ones after `after`. */
  outdated(table: string, keyId: string, after: string | undefined, limit: number): Promise<SealedSecret[]>
  /** Gives how many still were as they had been read; the others are left as they are now. */
  replace(table: string, changes: readonly { secret: SealedSecret; by: string }[]): Promise<number>
}
