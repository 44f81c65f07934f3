/** Numbers that both sides obey. A limit is checked where it is cheapest and again where it counts. */
export const limits = {
  messageCharacters: 32_000,
  correctionCharacters: 4_000,
  jsonBodyBytes: 1024 * 1024,
  /** Where images come within the JSON, as base64. */
  completionBodyBytes: 12 * 1024 * 1024,
  uploadBytes: 100 * 1024 * 1024,
  headerBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  passwordMinCharacters: 12,
  passwordMaxCharacters: 256,
  nameCharacters: 200,
  idempotencyKeyCharacters: 255,
  descriptionCharacters: 2_000,
  tags: 20,
  pageCharacters: 200_000,
  goldenQuestions: 2_000,
  searchCharacters: 2_000,
  searchResults: 100,
  pageSize: 50,
  pageSizeMax: 200,
  ticketSeconds: 30,
  webSocketFrameBytes: 64 * 1024,
  webSocketMessagesPerSecond: 20,
  webSocketsPerUser: 10,
  webSocketMinutes: 30,
  webSocketSubscriptions: 20,
  embeddingInputs: 256,
  planSteps: 12,
  toolRounds: 6,
  attachmentBytes: 20 * 1024 * 1024,
  attachmentsPerMessage: 10,
  recordingBytes: 25 * 1024 * 1024,
  speechCharacters: 4_000,
  sitePages: 500,
  sourceUrlCharacters: 2_000,
  sourcesPerCollection: 200,
  pastedCharacters: 300_000,
} as const

/** How much may be asked for in an hour, and how much may be under way at once. An owner may set others. */
export const requestLimits = {
  free: { perHour: 100, atOnce: 5 },
  pro: { perHour: 1_000, atOnce: 10 },
  enterprise: { perHour: 10_000, atOnce: 50 },
  /** Somebody who is signed in, in all their browsers together. */
  person: { perHour: 10_000, atOnce: 50 },
  /** Everybody in it, with all keys. */
  workspace: { perHour: 30_000, atOnce: 200 },
} as const

/** How long somebody stays signed in, in all and without coming by, and with how many browsers. The operator may set other days. */
export const sessionLimits = { days: 30, idleDays: 7, atOnce: 20 } as const

/** Credentials that one address may be refused in a minute before it is not listened to for a while. */
export const refusalsPerMinute = 60
