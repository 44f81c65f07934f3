CREATE EXTENSION IF NOT EXISTS vector;

-- Tenants and people. `workspaces` and `users` are the only tables without a workspace_id: they are what it points at.
CREATE TABLE workspaces (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text,
  password_hash text NOT NULL,
  suspended_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'member', 'viewer')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE api_keys (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash text NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  tier text NOT NULL DEFAULT 'free',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, user_id) REFERENCES memberships ON DELETE CASCADE
);

-- Single use: consumed by DELETE … RETURNING, so of many takers one wins.
CREATE TABLE tickets (
  workspace_id uuid NOT NULL,
  secret_hash text PRIMARY KEY,
  user_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('websocket', 'upload')),
  origin text,
  collection_id uuid,
  expires_at timestamptz NOT NULL,
  FOREIGN KEY (workspace_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX tickets_expiry ON tickets (expires_at);
CREATE INDEX tickets_user ON tickets (workspace_id, user_id);

-- Failed sign-ins, for the lock-out of 5 tries in 15 minutes by account and by address.
CREATE TABLE sign_in_failures (
  subject text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures (subject, at);

-- Conversations: a tree of messages.
CREATE TABLE conversations (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL,
  title text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, owner_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX conversations_recent ON conversations (workspace_id, owner_id, updated_at DESC, id);

CREATE TABLE messages (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL,
  parent_id uuid,
  role text NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
  -- The AI SDK's UIMessage parts; for an answer that is still being written, the run's events are the truth.
  parts jsonb NOT NULL DEFAULT '[]',
  -- What each module did for this answer: the steps of its trace.
  module_responses jsonb NOT NULL DEFAULT '[]',
  run_id uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, conversation_id, id),
  FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, conversation_id, parent_id) REFERENCES messages (workspace_id, conversation_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON messages (workspace_id, conversation_id, created_at, id);
CREATE INDEX messages_parent ON messages (workspace_id, conversation_id, parent_id);

-- Runs: one attempt to answer one message, never reused.
CREATE TABLE runs (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  user_message_id uuid NOT NULL,
  message_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'running', 'completed', 'stopped', 'failed', 'interrupted')),
  idempotency_key text,
  request_hash text NOT NULL,
  options jsonb NOT NULL DEFAULT '{}',
  -- The text of an interrupted run that this one goes on from.
  continues_run_id uuid,
  last_seq integer NOT NULL DEFAULT 0,
  -- The lease: whoever holds the newest fence may write; the clock is the database's.
  lease_fence integer NOT NULL DEFAULT 0,
  lease_expires_at timestamptz,
  stop_requested_at timestamptz,
  usage jsonb,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  PRIMARY KEY (workspace_id, id),
  UNIQUE (id),
  UNIQUE (workspace_id, owner_id, idempotency_key),
  FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
-- One answer at a time in a conversation.
CREATE UNIQUE INDEX runs_active ON runs (workspace_id, conversation_id) WHERE status IN ('pending', 'running');
CREATE INDEX runs_lease ON runs (lease_expires_at) WHERE status IN ('pending', 'running');
CREATE INDEX runs_conversation ON runs (workspace_id, conversation_id, created_at);

-- The log of a run: durable before it is shown, pruned an hour after the end.
CREATE TABLE run_events (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  seq integer NOT NULL,
  chunk text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, seq)
);
-- Written in order of time, so a summary of each stretch finds the old ones and costs the writer next to nothing.
CREATE INDEX run_events_age ON run_events USING brin (created_at);

CREATE TABLE module_metrics (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  run_id uuid NOT NULL,
  module text NOT NULL,
  model text,
  strategy text NOT NULL,
  status text NOT NULL,
  duration_ms real NOT NULL,
  input_tokens integer,
  output_tokens integer,
  tokens_estimated boolean NOT NULL DEFAULT false,
  cost_usd double precision,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE
);
CREATE INDEX module_metrics_recent ON module_metrics (workspace_id, module, created_at);

-- Knowledge.
CREATE TABLE collections (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL,
  name text NOT NULL,
  embedding_model text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, name),
  FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE
);

CREATE TABLE documents (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  collection_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  external_id text,
  name text NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  object_key text,
  status text NOT NULL CHECK (status IN ('received', 'extracting', 'embedding', 'ready', 'failed', 'deleting')),
  error jsonb,
  notice text,
  -- The version that search sees, 0 for none; while a newer one is being made, `pending_version` is above it.
  version integer NOT NULL DEFAULT 0,
  pending_version integer NOT NULL DEFAULT 1,
  -- What BM25 must know of the version that search sees: its entries, and the sum of their lengths.
  entry_count integer NOT NULL DEFAULT 0,
  entry_length bigint NOT NULL DEFAULT 0,
  -- The import that made this document out of one of its lines.
  import_id uuid,
  -- Tries since it last came forward; a document that stays where it is three times is given up.
  attempts integer NOT NULL DEFAULT 0,
  pages_total integer,
  pages_done integer NOT NULL DEFAULT 0,
  chunks_total integer,
  chunks_done integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX documents_collection ON documents (workspace_id, collection_id, created_at DESC, id);
-- The same bytes once a collection, unless they were given an id from outside.
CREATE UNIQUE INDEX documents_sha256 ON documents (workspace_id, collection_id, sha256) WHERE external_id IS NULL;
CREATE INDEX documents_updated ON documents (workspace_id, updated_at);
-- Hidden entries are those above their document's version: few documents at any time, found here.
CREATE INDEX documents_pending ON documents (workspace_id, id) WHERE pending_version > version OR status = 'deleting';
CREATE UNIQUE INDEX documents_external ON documents (workspace_id, collection_id, external_id) WHERE external_id IS NOT NULL;

-- Extracted text, page by page: what citations' offsets point into, and where a cut extraction goes on.
CREATE TABLE document_pages (
  workspace_id uuid NOT NULL,
  document_id uuid NOT NULL,
  version integer NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  text text NOT NULL,
  PRIMARY KEY (workspace_id, document_id, version, number),
  FOREIGN KEY (workspace_id, document_id) REFERENCES documents ON DELETE CASCADE
);

-- What the design calls a chunk is a knowledge entry.
CREATE TABLE knowledge_entries (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  collection_id uuid NOT NULL,
  document_id uuid NOT NULL,
  version integer NOT NULL,
  ordinal integer NOT NULL,
  content text NOT NULL,
  source jsonb NOT NULL DEFAULT '{}',
  tags text[] NOT NULL DEFAULT '{}',
  page integer NOT NULL,
  start_offset integer NOT NULL,
  end_offset integer NOT NULL,
  -- Distinct lexemes with their counts, for BM25, the title's among them; `length` is the sum of the counts.
  lexemes text[] NOT NULL DEFAULT '{}',
  frequencies smallint[] NOT NULL DEFAULT '{}',
  length integer NOT NULL DEFAULT 0,
  embedding_model text,
  -- No fixed dimension: each embedding model has its own partial index.
  embedding vector,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, document_id, version, ordinal),
  FOREIGN KEY (workspace_id, document_id) REFERENCES documents ON DELETE CASCADE
);
-- Whole rows stay on their page: fetching vectors from TOAST one by one is most of the cost of an exact scan.
ALTER TABLE knowledge_entries SET (toast_tuple_target = 8160);
ALTER TABLE knowledge_entries ALTER COLUMN embedding SET STORAGE MAIN;
CREATE INDEX knowledge_entries_collection ON knowledge_entries (workspace_id, collection_id);
CREATE INDEX knowledge_entries_tags ON knowledge_entries USING gin (tags);
CREATE INDEX knowledge_entries_lexemes ON knowledge_entries USING gin (lexemes);
