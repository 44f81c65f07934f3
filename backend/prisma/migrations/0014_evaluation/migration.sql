-- Questions of a collection whose answers are known to stand in a document.
CREATE TABLE golden_questions (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  collection_id uuid NOT NULL,
  question text NOT NULL,
  document_id uuid,
  -- What the document was called last, for when it is gone.
  document_name text NOT NULL,
  page integer CHECK (page > 0),
  quote text,
  note text NOT NULL DEFAULT '',
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, collection_id) REFERENCES collections ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, document_id) REFERENCES documents ON DELETE SET NULL (document_id)
);
CREATE INDEX golden_questions_collection ON golden_questions (workspace_id, collection_id, created_at, id);
CREATE INDEX golden_questions_document ON golden_questions (workspace_id, document_id);

-- How search fared with them, and what it was made with then.
CREATE TABLE evaluation_runs (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  collection_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed')),
  reason text NOT NULL CHECK (reason IN ('asked', 'first', 'settings', 'documents')),
  settings jsonb NOT NULL,
  -- The collection's, so that it is known whether anything has changed since.
  collection_version bigint NOT NULL,
  figures jsonb,
  -- Each question as it was asked, what was expected, and the place of the first right passage.
  results jsonb NOT NULL DEFAULT '[]',
  error text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX evaluation_runs_collection ON evaluation_runs (workspace_id, collection_id, started_at DESC, id);
-- One at a time.
CREATE UNIQUE INDEX evaluation_runs_active ON evaluation_runs (workspace_id, collection_id) WHERE status = 'running';
