-- Which entry of each workspace's audit log is the newest: without it, newest entries that were cut off leave a shorter log that
-- looks whole. Kept by the database itself, in the transaction that adds an entry.
CREATE TABLE audit_heads (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
  sequence integer NOT NULL,
  hash text NOT NULL
);
INSERT INTO audit_heads (workspace_id, sequence, hash)
  SELECT DISTINCT ON (workspace_id) workspace_id, sequence, hash FROM audit_entries ORDER BY workspace_id, sequence DESC;
CALL protect_table('audit_heads');
REVOKE DELETE ON audit_heads FROM nitro_app, nitro_system;

CREATE FUNCTION note_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_heads (workspace_id, sequence, hash) VALUES (NEW.workspace_id, NEW.sequence, NEW.hash)
    ON CONFLICT (workspace_id) DO UPDATE SET sequence = EXCLUDED.sequence, hash = EXCLUDED.hash;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_entries_note_head AFTER INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION note_audit_head();

-- It goes on to the next number and nowhere else, and stays as long as its workspace.
CREATE FUNCTION refuse_audit_head_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.workspace_id = OLD.workspace_id AND NEW.sequence = OLD.sequence + 1 THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Entries of the audit log are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_heads_stay BEFORE UPDATE OR DELETE ON audit_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_head_change();
CREATE TRIGGER audit_heads_are_not_emptied BEFORE TRUNCATE ON audit_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_head_change();
