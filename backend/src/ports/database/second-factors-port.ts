/** The second factor of a person: the secret that their authenticator app shares with us, and codes for when it is lost. */
export interface SecondFactorsRepository {
  find(userId: string): Promise<StoredSecondFactor | undefined>
  /** In the place of one that was never confirmed. False when one is on. */
  begin(userId: string, sealedSecret: string): Promise<boolean>
  /** Turns on the one with this very secret. False when it is on already, or was begun anew meanwhile. */
  confirm(userId: string, confirmed: { sealedSecret: string; step: number; recoveryHashes: string[] }): Promise<boolean>
  /** True once for each step, and for none before one that was taken. */
  takeStep(userId: string, step: number): Promise<boolean>
  /** True once for each code. */
  takeRecoveryCode(userId: string, hash: string): Promise<boolean>
  remove(userId: string): Promise<void>
}

export interface StoredSecondFactor {
  sealedSecret: string
  isConfirmed: boolean
  recoveryCodesLeft: number
}
