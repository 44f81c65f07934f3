/** What the collection of this alias wants its documents' passages to be made with, as it is noted with each document. */
export const indexSettings = (collection: string) =>
  `jsonb_build_object('model', ${collection}.embedding_model, 'profile', ${collection}.chunk_profile)`
