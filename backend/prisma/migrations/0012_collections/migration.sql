ALTER TABLE collections
  -- Hidden from everybody from then on; a job takes away what is in it, then the row.
  ADD COLUMN deleted_at timestamptz;
CREATE INDEX collections_deleted ON collections (deleted_at) WHERE deleted_at IS NOT NULL;

-- {model, profile}: what the passages of the version that search sees were made with, and those of the pending one. Where
-- the first is not what the collection wants now, the document is to be re-indexed.
ALTER TABLE documents
  ADD COLUMN indexed_with jsonb,
  ADD COLUMN pending_with jsonb;
UPDATE documents d SET indexed_with = jsonb_build_object('model', c.embedding_model, 'profile', c.chunk_profile)
  FROM collections c WHERE c.workspace_id = d.workspace_id AND c.id = d.collection_id AND d.version > 0;
