-- A session ends when it was not used for a while, besides its end in any case. A replica of before knows nothing of it
-- and gets the usual week.
ALTER TABLE sessions
  ADD COLUMN idle_until timestamptz NOT NULL DEFAULT now() + interval '7 days',
  -- When they last showed who they are, after the session had begun.
  ADD COLUMN proven_at timestamptz;

-- Suspended once: sessions from before then lead to this workspace no more, whatever became of the suspension.
ALTER TABLE memberships ADD COLUMN sessions_from timestamptz;

ALTER TABLE workspaces ADD COLUMN requires_second_factor boolean NOT NULL DEFAULT false;
