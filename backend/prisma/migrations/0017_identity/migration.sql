-- Sessions, the ways to prove who one is, and the letters that are sent for it. These are a person's, whatever workspace they are
-- in, so no workspace sees them: they are the system's.

ALTER TABLE users
  ADD COLUMN email_verified_at timestamptz,
  ADD COLUMN password_changed_at timestamptz NOT NULL DEFAULT now();
-- Who signs in with Google, GitHub or a company's own service has none.
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;

CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  -- As the web app said when it began.
  address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id, last_seen_at DESC);
CALL protect_table('sessions', 'false');
REVOKE ALL ON sessions FROM nitro_app;

-- A ticket ends with the session that asked for it. API keys ask for none.
ALTER TABLE tickets ADD COLUMN session_id uuid REFERENCES sessions ON DELETE CASCADE;
CREATE INDEX tickets_session ON tickets (session_id) WHERE session_id IS NOT NULL;

-- What a link in a letter carries, as its hash. Used once.
CREATE TABLE one_time_tokens (
  secret_hash text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('verify-email', 'reset-password', 'change-email')),
  -- The address that the letter went to, which is what following its link proves.
  email text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CALL protect_table('one_time_tokens', 'false');
REVOKE ALL ON one_time_tokens FROM nitro_app;

CREATE TABLE second_factors (
  user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  -- Encrypted; see identity/encryption.
  secret text NOT NULL,
  -- Until somebody has shown a code of it, it is asked for nowhere.
  confirmed_at timestamptz,
  -- The step of the last code that was taken, so that none is taken twice.
  last_step bigint NOT NULL DEFAULT 0,
  recovery_hashes text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL protect_table('second_factors', 'false');
REVOKE ALL ON second_factors FROM nitro_app;

-- Who somebody is at another service. By the subject, never by the e-mail address, which may change hands.
CREATE TABLE user_identities (
  provider text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  email text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, subject)
);
CREATE INDEX user_identities_user ON user_identities (user_id);
CALL protect_table('user_identities', 'false');
REVOKE ALL ON user_identities FROM nitro_app;

CREATE TABLE invitations (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  secret_hash text NOT NULL UNIQUE,
  -- Who may take it; without one, whoever has the link.
  email text CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('admin', 'editor', 'member', 'viewer')),
  invited_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  accepted_by uuid REFERENCES users ON DELETE SET NULL,
  revoked_at timestamptz,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, invited_by) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX invitations_recent ON invitations (workspace_id, created_at DESC, id);
CREATE INDEX invitations_accepted_by ON invitations (accepted_by);
CALL protect_table('invitations');

-- One row, of the whole installation: whether strangers may make accounts. The owner of the oldest workspace decides.
CREATE TABLE installation_settings (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  registration text NOT NULL DEFAULT 'invitation' CHECK (registration IN ('invitation', 'open')),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CALL protect_table('installation_settings', 'false');
REVOKE ALL ON installation_settings FROM nitro_app;
