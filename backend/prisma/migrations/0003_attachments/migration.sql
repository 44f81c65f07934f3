-- Pictures and recordings that come with messages. The row is there before the first byte and goes after the last, so
-- that whatever is cut off is found again: 'arriving' until the bytes are whole, 'deleting' until they are gone.
CREATE TABLE attachments (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL,
  -- Both are set when it is sent with a message, and by nothing else.
  conversation_id uuid,
  message_id uuid,
  state text NOT NULL DEFAULT 'arriving' CHECK (state IN ('arriving', 'ready', 'deleting')),
  name text NOT NULL,
  media_type text,
  size_bytes bigint,
  -- Of a picture, in pixels.
  width integer CHECK (width > 0),
  height integer CHECK (height > 0),
  sha256 text,
  object_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, owner_id) REFERENCES memberships ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, conversation_id, message_id)
    REFERENCES messages (workspace_id, conversation_id, id) ON DELETE SET NULL (conversation_id, message_id),
  CHECK ((conversation_id IS NULL) = (message_id IS NULL)),
  CHECK (state <> 'ready' OR (media_type IS NOT NULL AND size_bytes IS NOT NULL AND sha256 IS NOT NULL))
);
CREATE INDEX attachments_message ON attachments (workspace_id, conversation_id, message_id);
CREATE INDEX attachments_owner ON attachments (workspace_id, owner_id);
-- What the cleaning job looks at, over all workspaces.
CREATE INDEX attachments_loose ON attachments (created_at) WHERE message_id IS NULL;

-- A ticket that opens one upload of an attachment.
ALTER TABLE tickets DROP CONSTRAINT tickets_kind_check;
ALTER TABLE tickets ADD CONSTRAINT tickets_kind_check CHECK (kind IN ('websocket', 'upload', 'attachment'));
