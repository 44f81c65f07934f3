-- Tenancy's second layer: whatever a statement forgets to say, PostgreSQL shows and takes rows of one workspace only. A
-- transaction takes one of these roles and, as nitro_app, names its workspace in `app.workspace`. All of them belong to the
-- whole server, so another NitroAGI beside this one may have made them already.
--   nitro_app     the rows of one workspace; without one, none
--   nitro_system  all rows: for finding out who somebody is, and for sweeps
--   nitro_search  owns the view through which passages are looked up by words
--   nitro_backup  reads everything, for pg_dump --enable-row-security
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['nitro_app', 'nitro_system', 'nitro_search', 'nitro_backup'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      END IF;
    EXCEPTION
      -- Another database's migration made it in the same moment.
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The login % may not make roles. Let an administrator run: CREATE ROLE % NOLOGIN; GRANT % TO % WITH ADMIN OPTION',
          current_user, role_name, role_name, current_user;
    END;
    IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO nitro_app, nitro_system, nitro_search, nitro_backup;

-- Whether it may start is for a login to see that owns nothing.
GRANT SELECT ON _prisma_migrations TO PUBLIC;

CREATE FUNCTION current_workspace() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  -- After a transaction the setting reads as an empty string, not as NULL.
  RETURN nullif(current_setting('app.workspace', true), '')::uuid;

-- For every table, when it is made: the policies and rights of the roles. `condition` says which rows are of the workspace. It
-- stands in a subquery so that it is worked out once a statement.
CREATE PROCEDURE protect_table(name regclass, condition text DEFAULT 'workspace_id = (SELECT current_workspace())')
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY tenant ON %s TO nitro_app USING (%s) WITH CHECK (%s)', name, condition, condition);
  EXECUTE format('CREATE POLICY system ON %s TO nitro_system USING (true) WITH CHECK (true)', name);
  EXECUTE format('CREATE POLICY backup ON %s FOR SELECT TO nitro_backup USING (true)', name);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO nitro_app, nitro_system', name);
  EXECUTE format('GRANT SELECT ON %s TO nitro_backup', name);
END $$;

DO $$
DECLARE
  name regclass;
BEGIN
  FOR name IN
    SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  LOOP
    CALL protect_table(name);
  END LOOP;
END $$;

CALL protect_table('workspaces', 'id = (SELECT current_workspace())');
-- People are shown to those who share a workspace with them, and changed by the system alone.
CALL protect_table('users', 'EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id AND m.workspace_id = (SELECT current_workspace()))');
REVOKE SELECT, INSERT, UPDATE, DELETE ON users FROM nitro_app;
GRANT SELECT (id, email, name, suspended_at, created_at) ON users TO nitro_app;
REVOKE INSERT, UPDATE, DELETE ON workspaces, memberships FROM nitro_app;
CALL protect_table('sign_in_failures', 'false');
REVOKE ALL ON sign_in_failures FROM nitro_app;
-- One row: up to when the metrics of all workspaces are summed up.
CALL protect_table('module_metrics_rolled', 'true');
REVOKE INSERT, UPDATE, DELETE ON module_metrics_rolled FROM nitro_app;

-- A policy's condition comes before every other one whose operator is not known to leak nothing, and array operators are not:
-- with it, no index over words or tags would be used. So passages are looked up through a view without their text, as a role that
-- sees all of them; the statement says which workspace itself, and takes what it shows from the tables, under their policies.
CREATE POLICY search ON knowledge_entries FOR SELECT TO nitro_search USING (true);
GRANT SELECT (workspace_id, id, collection_id, document_id, version, length, lexemes, frequencies, tags, embedding, embedding_model)
  ON knowledge_entries TO nitro_search;
CREATE VIEW searchable_entries AS
  SELECT workspace_id, id, collection_id, document_id, version, length, lexemes, frequencies, tags, embedding, embedding_model
  FROM knowledge_entries;
GRANT CREATE ON SCHEMA public TO nitro_search;
ALTER VIEW searchable_entries OWNER TO nitro_search;
REVOKE CREATE ON SCHEMA public FROM nitro_search;
GRANT SELECT ON searchable_entries TO nitro_app, nitro_system;
