-- A workspace suspends its own members; users.suspended_at is the operator's, and counts everywhere.
ALTER TABLE memberships ADD COLUMN suspended_at timestamptz;

-- From then on it is there for nobody; what it held is cleared away after that.
ALTER TABLE workspaces ADD COLUMN deleted_at timestamptz;
CREATE INDEX workspaces_deleted ON workspaces (deleted_at) WHERE deleted_at IS NOT NULL;

-- The link of the letter is another than the one that the inviter sees: only whoever reads the mailbox has it.
ALTER TABLE invitations ADD COLUMN mailed_hash text UNIQUE;

-- The row of an attachment stays until its bytes are gone, also when its owner leaves the workspace.
ALTER TABLE attachments DROP CONSTRAINT attachments_workspace_id_owner_id_fkey;
ALTER TABLE attachments ADD FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE;
