-- What was changed, by whom and when. Entries are only ever added: each one holds the hash of the one before, so that one which
-- was changed, taken out or put elsewhere shows. Of people it holds ids, which mean nothing once the account is gone.
CREATE TABLE audit_entries (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  -- 1, 2, 3 …, which is why it is counted under a lock and not by a sequence, whose numbers are lost when a transaction fails.
  sequence integer NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL,
  -- Points at nobody: what somebody did stays after they have gone.
  actor_id uuid,
  via text NOT NULL,
  action text NOT NULL,
  target_id text,
  facts jsonb NOT NULL,
  request_id text,
  previous_hash text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (workspace_id, sequence)
);
CREATE INDEX audit_entries_action ON audit_entries (workspace_id, action, sequence);
CREATE INDEX audit_entries_actor ON audit_entries (workspace_id, actor_id, sequence);
CREATE INDEX audit_entries_time ON audit_entries (workspace_id, at, sequence);
CALL protect_table('audit_entries');
REVOKE UPDATE, DELETE ON audit_entries FROM nitro_app, nitro_system;

-- For whoever may do more than those roles. Only with its workspace does a log go: while a foreign key removes what pointed at a
-- row that has gone already, which is one trigger deeper than any statement that somebody gives.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Entries of the audit log are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entries_are_not_emptied BEFORE TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
