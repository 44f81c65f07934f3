declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Context {
    oidc: {
      provider: Provider
      session: { accountId: string }
    }
  }
  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }
  export default class Provider {
    constructor(
      issuer: string,
      options: {
        clients: readonly object[]
        claims: Record<string, readonly string[]>
        cookies: { keys: readonly string[] }
        jwks: { keys: readonly object[] }
        features: { devInteractions: { enabled: boolean } }
        interactions: { url: (context: Context, interaction: { uid: string }) => string }
        findAccount: (context: Context, id: string) => { accountId: string; claims: () => object | undefined }
        loadExistingGrant: (context: Context) => Promise<Grant>
      },
    )
    Grant: new (of: { clientId: string; accountId: string }) => Grant
    callback(): RequestListener
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }
}
