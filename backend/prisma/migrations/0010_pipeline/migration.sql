ALTER TABLE documents
  -- The newest version of which every page is stored. While the pending one is above it, its bytes are still being read.
  ADD COLUMN extracted_version integer NOT NULL DEFAULT 0,
  -- How much a second came forward lately of the stage that it is in, and until when that was looked at.
  ADD COLUMN rate real,
  ADD COLUMN rate_at timestamptz;
UPDATE documents SET extracted_version = CASE WHEN status IN ('embedding', 'ready') THEN pending_version ELSE version END;

-- What is worth knowing of a page: that it could not be read, and why.
ALTER TABLE document_pages ADD COLUMN note text;
