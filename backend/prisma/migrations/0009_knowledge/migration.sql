-- Collections: what they are for, who may see them, how their documents are cut up.
ALTER TABLE collections
  ADD COLUMN description text NOT NULL DEFAULT '',
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  -- 'workspace': everybody of the workspace; 'members': those in collection_members and nobody else.
  ADD COLUMN access text NOT NULL DEFAULT 'workspace' CHECK (access IN ('workspace', 'members')),
  ADD COLUMN chunk_profile jsonb NOT NULL DEFAULT '{}',
  -- Moves with everything that changes what a search may answer, so that what is remembered of one goes with it.
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE collection_members (
  workspace_id uuid NOT NULL,
  collection_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'reader')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, collection_id, user_id),
  FOREIGN KEY (workspace_id, collection_id) REFERENCES collections ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX collection_members_user ON collection_members (workspace_id, user_id, collection_id);
INSERT INTO collection_members (workspace_id, collection_id, user_id, role)
  SELECT c.workspace_id, c.id, c.owner_id, 'owner'
  FROM collections c JOIN memberships m ON m.workspace_id = c.workspace_id AND m.user_id = c.owner_id;

ALTER TABLE documents
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  -- When it was written, sent or published, where it says so itself.
  ADD COLUMN document_date timestamptz,
  -- A text search configuration, guessed from the text: 'english', 'german'; null until it is read.
  ADD COLUMN language text,
  -- Set while somebody wants it not to be worked on; what is stored stays.
  ADD COLUMN paused_at timestamptz,
  -- Where it was fetched from, and by which source; null for what was uploaded.
  ADD COLUMN source_id uuid,
  ADD COLUMN source_url text;
CREATE INDEX documents_tags ON documents USING gin (tags);
CREATE INDEX documents_source ON documents (workspace_id, source_id) WHERE source_id IS NOT NULL;

ALTER TABLE document_pages
  -- What the page is called where it is no page: 'Slide 3', 'Sheet Sales', 'Chapter 2', 'notes.txt'.
  ADD COLUMN label text,
  -- How its text was got: written in the file, read from a picture of it, or put right by a person.
  ADD COLUMN origin text NOT NULL DEFAULT 'text' CHECK (origin IN ('text', 'ocr', 'edited')),
  -- How sure the reader of the picture was, 0..1.
  ADD COLUMN confidence real;

-- SHA-256 of the very text that was embedded: the same text is embedded once a model in a workspace.
ALTER TABLE knowledge_entries ADD COLUMN content_hash bytea;
CREATE INDEX knowledge_entries_content ON knowledge_entries (workspace_id, embedding_model, content_hash)
  WHERE content_hash IS NOT NULL;
