-- Where documents are fetched from: a page, a site, a feed.
CREATE TABLE sources (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  collection_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('url', 'site', 'feed')),
  url text NOT NULL,
  -- Where the first page was found in the end; what belongs to a site is measured by it.
  root text,
  name text NOT NULL,
  settings jsonb NOT NULL,
  schedule_hours integer,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'fetching', 'ready', 'failed')),
  paused boolean NOT NULL DEFAULT false,
  error jsonb,
  notice text,
  -- Fetches that failed since one went well.
  failures integer NOT NULL DEFAULT 0,
  -- Every fetch is a round. An open one goes on where it was cut.
  round integer NOT NULL DEFAULT 0,
  round_open boolean NOT NULL DEFAULT false,
  round_started_at timestamptz,
  -- Of the feed itself, as of its latest whole round.
  etag text,
  last_modified text,
  last_fetched_at timestamptz,
  next_fetch_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, collection_id, kind, url),
  FOREIGN KEY (workspace_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX sources_due ON sources (status, next_fetch_at) WHERE NOT paused;

-- Pages and entries that a source is known to have: what waits in this round, and what became of the others.
CREATE TABLE source_pages (
  workspace_id uuid NOT NULL,
  source_id uuid NOT NULL,
  -- As it is fetched; of a feed's entry, what the feed calls it by.
  url text NOT NULL,
  depth integer NOT NULL DEFAULT 0,
  -- The order in which they were found.
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  -- The latest round that knew of it.
  round integer NOT NULL,
  outcome text NOT NULL DEFAULT 'queued'
    CHECK (outcome IN ('queued', 'added', 'changed', 'unchanged', 'skipped', 'failed', 'removed')),
  reason text,
  etag text,
  last_modified text,
  -- SHA-256 of what the page says, without what stands around it.
  text_hash text,
  document_id uuid,
  -- Rounds in a row in which it was gone.
  misses integer NOT NULL DEFAULT 0,
  fetched_at timestamptz,
  PRIMARY KEY (workspace_id, source_id, url),
  FOREIGN KEY (workspace_id, source_id) REFERENCES sources ON DELETE CASCADE
);
CREATE INDEX source_pages_queue ON source_pages (workspace_id, source_id, round, outcome, depth, ordinal);
