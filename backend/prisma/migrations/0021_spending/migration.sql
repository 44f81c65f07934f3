-- What may be spent in a calendar month (UTC), what was, and what calls under way have set aside.

CREATE TABLE spending_caps (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  -- `member` is what every member may spend who has no cap of their own; `workspace` and `member` have the workspace as subject.
  kind text NOT NULL CHECK (kind IN ('workspace', 'member', 'user', 'key')),
  subject_id uuid NOT NULL,
  usd numeric(14, 6) CHECK (usd >= 0),
  tokens bigint CHECK (tokens >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  user_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'user' THEN subject_id END) STORED,
  key_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'key' THEN subject_id END) STORED,
  PRIMARY KEY (workspace_id, kind, subject_id),
  FOREIGN KEY (workspace_id, user_id) REFERENCES memberships ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, key_id) REFERENCES api_keys ON DELETE CASCADE
);
CALL protect_table('spending_caps');

-- Whoever leaves a workspace and comes back has spent what they spent, so a person's row goes with the person.
CREATE TABLE spending_months (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  kind text NOT NULL CHECK (kind IN ('workspace', 'user', 'key')),
  subject_id uuid NOT NULL,
  -- A question's embedding costs less than a millionth of a dollar.
  usd numeric(18, 9) NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  reserved_usd numeric(18, 9) NOT NULL DEFAULT 0,
  reserved_tokens bigint NOT NULL DEFAULT 0,
  user_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'user' THEN subject_id END) STORED REFERENCES users ON DELETE CASCADE,
  key_id uuid GENERATED ALWAYS AS (CASE kind WHEN 'key' THEN subject_id END) STORED,
  PRIMARY KEY (workspace_id, month, kind, subject_id),
  FOREIGN KEY (workspace_id, key_id) REFERENCES api_keys ON DELETE CASCADE
);
CREATE INDEX spending_months_user ON spending_months (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX spending_months_key ON spending_months (workspace_id, key_id) WHERE key_id IS NOT NULL;
CALL protect_table('spending_months');

-- Without foreign keys to people and keys: what was set aside is given back whoever is gone meanwhile.
CREATE TABLE spending_reservations (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  id uuid NOT NULL,
  month date NOT NULL,
  user_id uuid NOT NULL,
  key_id uuid,
  usd numeric(18, 9) NOT NULL,
  tokens bigint NOT NULL,
  -- What is taken to be spent when nobody says what came of the call: its prompt, the least that providers ask for it.
  least_usd numeric(18, 9) NOT NULL,
  least_tokens bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX spending_reservations_expiry ON spending_reservations (expires_at);
CALL protect_table('spending_reservations');

-- Who a call is counted for. Descending by kind: workspace, user, key. Every function takes the counters in this order, so that
-- no two of them wait for each other.
CREATE FUNCTION spending_subjects(of_workspace uuid, of_user uuid, of_key uuid)
RETURNS TABLE (kind text, subject_id uuid) LANGUAGE sql IMMUTABLE AS $$
  SELECT * FROM (VALUES ('workspace', of_workspace), ('user', of_user), ('key', of_key)) AS s (kind, subject_id)
  WHERE s.subject_id IS NOT NULL ORDER BY 1 DESC
$$;

-- What is left of each cap that holds for this call.
CREATE FUNCTION spending_limits(of_workspace uuid, of_user uuid, of_key uuid)
RETURNS TABLE (kind text, subject_id uuid, usd numeric, tokens bigint) LANGUAGE sql STABLE AS $$
  SELECT s.kind, s.subject_id, c.usd, c.tokens
  FROM spending_subjects(of_workspace, of_user, of_key) s
  JOIN LATERAL (
    SELECT c.usd, c.tokens FROM spending_caps c
    WHERE c.workspace_id = of_workspace
      AND (c.kind = s.kind AND c.subject_id = s.subject_id OR s.kind = 'user' AND c.kind = 'member')
    -- One's own cap stands in place of everybody's.
    ORDER BY c.kind DESC LIMIT 1
  ) c ON true
$$;

-- Sets the most aside that a call can cost, of all caps or of none. Gives null when it is set aside, otherwise whose cap stands
-- against it and whether it is one in dollars or in tokens, as 'workspace usd'.
CREATE FUNCTION reserve_spending(
  of_workspace uuid, of_month date, of_user uuid, of_key uuid, reservation uuid,
  most_usd numeric, most_tokens bigint, least_spent_usd numeric, least_spent_tokens bigint, lease_seconds integer
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  refused text;
BEGIN
  INSERT INTO spending_months (workspace_id, month, kind, subject_id)
  SELECT of_workspace, of_month, s.kind, s.subject_id FROM spending_subjects(of_workspace, of_user, of_key) s ORDER BY s.kind DESC
  ON CONFLICT DO NOTHING;

  PERFORM FROM spending_months m
  WHERE m.workspace_id = of_workspace AND m.month = of_month
    AND (m.kind, m.subject_id) IN (SELECT s.kind, s.subject_id FROM spending_subjects(of_workspace, of_user, of_key) s)
  ORDER BY m.kind DESC
  FOR UPDATE;

  SELECT m.kind || CASE WHEN most_usd > 0 AND m.usd + m.reserved_usd + most_usd > l.usd THEN ' usd' ELSE ' tokens' END INTO refused
  FROM spending_limits(of_workspace, of_user, of_key) l
  JOIN spending_months m ON m.workspace_id = of_workspace AND m.month = of_month AND m.kind = l.kind AND m.subject_id = l.subject_id
  WHERE most_usd > 0 AND m.usd + m.reserved_usd + most_usd > l.usd
     OR most_tokens > 0 AND m.tokens + m.reserved_tokens + most_tokens > l.tokens
  ORDER BY m.kind DESC LIMIT 1;
  IF refused IS NOT NULL THEN
    RETURN refused;
  END IF;

  UPDATE spending_months m SET reserved_usd = m.reserved_usd + most_usd, reserved_tokens = m.reserved_tokens + most_tokens
  WHERE m.workspace_id = of_workspace AND m.month = of_month
    AND (m.kind, m.subject_id) IN (SELECT s.kind, s.subject_id FROM spending_subjects(of_workspace, of_user, of_key) s);
  INSERT INTO spending_reservations
    (workspace_id, id, month, user_id, key_id, usd, tokens, least_usd, least_tokens, expires_at)
  VALUES (of_workspace, reservation, of_month, of_user, of_key, most_usd, most_tokens, least_spent_usd, least_spent_tokens,
    now() + make_interval(secs => lease_seconds));
  RETURN NULL;
END $$;

-- Counts what a call has taken.
CREATE FUNCTION count_spending(
  of_workspace uuid, of_month date, of_user uuid, of_key uuid,
  spent_usd numeric, spent_tokens bigint, held_usd numeric, held_tokens bigint
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO spending_months AS m (workspace_id, month, kind, subject_id, usd, tokens)
  SELECT of_workspace, of_month, s.kind, s.subject_id, spent_usd, spent_tokens
  FROM spending_subjects(of_workspace, of_user, of_key) s
  -- Of somebody who is gone altogether there is nothing to count any more; of their workspace there is.
  WHERE s.kind = 'workspace'
     OR EXISTS (SELECT FROM spending_months k WHERE k.workspace_id = of_workspace AND k.month = of_month AND k.kind = s.kind AND k.subject_id = s.subject_id)
     OR s.kind = 'user' AND EXISTS (SELECT FROM memberships u WHERE u.workspace_id = of_workspace AND u.user_id = s.subject_id)
     OR s.kind = 'key' AND EXISTS (SELECT FROM api_keys k WHERE k.workspace_id = of_workspace AND k.id = s.subject_id)
  ORDER BY s.kind DESC
  ON CONFLICT (workspace_id, month, kind, subject_id) DO UPDATE SET
    usd = m.usd + excluded.usd,
    tokens = m.tokens + excluded.tokens,
    reserved_usd = m.reserved_usd - held_usd,
    reserved_tokens = m.reserved_tokens - held_tokens
$$;

-- Counts what a call has taken and gives the rest of what was set aside for it back. Without amounts, which is when nobody says
-- what came of it, its prompt is counted, once.
CREATE FUNCTION settle_spending(
  of_workspace uuid, reservation uuid, of_month date, of_user uuid, of_key uuid, spent_usd numeric, spent_tokens bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  held spending_reservations;
BEGIN
  DELETE FROM spending_reservations r WHERE r.workspace_id = of_workspace AND r.id = reservation RETURNING * INTO held;
  IF held.id IS NULL AND spent_tokens IS NULL THEN
    RETURN;
  END IF;
  PERFORM count_spending(
    of_workspace, coalesce(held.month, of_month), coalesce(held.user_id, of_user), coalesce(held.key_id, of_key),
    coalesce(spent_usd, held.least_usd), coalesce(spent_tokens, held.least_tokens),
    coalesce(held.usd, 0), coalesce(held.tokens, 0)
  );
END $$;
