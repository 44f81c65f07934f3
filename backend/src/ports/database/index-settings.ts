/** What the collection of this alias wants its documents' passages to be made with, as it is noted with each document. */
export const indexSettings = (collection: string) =>
  `jsonb_build_object('model', ${collection}.embedding_model, 'profile', ${collection}.chunk_profile)`

/** Whether search sees a version of the document, and nothing has gone wrong with the next. */
export const reindexable = (document: string) =>
  `(${document}.version > 0 AND ${document}.status NOT IN ('deleting', 'failed'))`

/** An import is the way that documents came, not one of them: it has no pages, and nothing makes it anew. */
export const isNoImport = (document: string) =>
  `${document}.media_type NOT IN ('application/x-ndjson', 'application/zip')`
